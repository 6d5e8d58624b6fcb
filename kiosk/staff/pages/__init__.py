"""The staff pages, one a file: what it knows, what can be pressed, what results do, its view."""
