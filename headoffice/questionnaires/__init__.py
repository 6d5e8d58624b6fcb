"""The definitions behind the digests that answers carry."""
