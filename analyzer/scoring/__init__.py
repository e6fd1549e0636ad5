"""The rubric and what is computed from measurements; pure functions."""
