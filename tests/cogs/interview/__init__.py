"""Interviews in Discord."""
