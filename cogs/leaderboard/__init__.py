"""`/leaderboard`: a server's opt-in practice board."""
