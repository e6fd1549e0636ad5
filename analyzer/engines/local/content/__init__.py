"""What was said, as far as a machine like this can tell: key points, parts, and nearness."""
