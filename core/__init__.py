"""What everything else may use: models, settings, errors, logs. It imports nothing of ours."""
