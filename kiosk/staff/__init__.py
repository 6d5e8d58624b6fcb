"""The staff's pure core: pages behind the PIN, and what is done from them."""
