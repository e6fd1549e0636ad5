"""Clips: fetching, checking, decoding in a sandbox, and where their bytes lie."""
