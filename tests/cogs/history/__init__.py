"""Rules and parts on their own."""
