"""Looking at pictures: known heads, and clips that show no one person."""
