"""The board and its standings."""
