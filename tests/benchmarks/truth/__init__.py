"""The benchmark of how wrong the figures are."""
