"""What members can ask for, as calls that know nothing of Discord."""
