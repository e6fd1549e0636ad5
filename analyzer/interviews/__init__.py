"""Interviews: which questions are asked, what comes next, and what the report says."""
