"""Fuzzing of everything that takes what comes from outside; the corpus is replayed by the tests."""
