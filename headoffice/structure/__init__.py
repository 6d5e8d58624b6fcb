"""The pages of the tree: groups and places, by form and by file."""
