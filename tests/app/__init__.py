"""Processes and what operators do."""
