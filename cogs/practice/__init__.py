"""`/practice`: the way into the studio."""
