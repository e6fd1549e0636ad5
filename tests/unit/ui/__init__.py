"""Tests of how things look: any text, any amount, every limit of Discord."""
