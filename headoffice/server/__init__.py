"""The process that serves: where its files are, its key, its workers."""
