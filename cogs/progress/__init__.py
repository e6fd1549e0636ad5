"""`/progress`: how scores and measurements have moved."""
