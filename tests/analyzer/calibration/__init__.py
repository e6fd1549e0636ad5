"""The known-answer set."""
