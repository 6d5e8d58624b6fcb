"""What `hymio-headoffice` can do: a family of commands in a file, each with its ``add``."""
