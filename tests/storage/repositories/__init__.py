"""One test file a repository, or a subject."""
