"""Interviews without storage: their questions, what is asked about answers, and the report."""
