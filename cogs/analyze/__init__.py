"""`/analyze` and what follows it: consent, submission, progress, result and its buttons."""
