"""Tests of what is heard in an answer."""
