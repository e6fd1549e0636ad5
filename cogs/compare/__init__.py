"""`/compare`: two attempts at one question side by side."""
