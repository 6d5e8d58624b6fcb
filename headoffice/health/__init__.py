"""How kiosks are: what a person should look at, in words, and the pages about it."""
