"""`/history`: all of one's own results."""
