"""The work: from a clip and a question to an assessment. Knows neither Discord nor SQL."""
