"""Clips of which it is known what a fair assessment says: they show how far to trust a model."""
