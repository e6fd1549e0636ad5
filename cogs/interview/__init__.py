"""Interviews: several questions in a row, with a follow-up and one report."""
