"""The whole bot in SimCord."""
