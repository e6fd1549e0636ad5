"""Tests of the memory, on real SQLite files."""
