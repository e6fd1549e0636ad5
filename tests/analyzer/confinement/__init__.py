"""What a taken-over child can reach."""
