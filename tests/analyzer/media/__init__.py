"""Clips, good, bad and hostile."""
