"""Rubric, bands and measurements."""
