"""The repository itself: its structure, docs, containers and packages."""
