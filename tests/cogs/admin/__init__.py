"""`/admin` in SimCord."""
