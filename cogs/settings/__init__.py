"""`/settings` and `/metrics`: what a server's managers and members choose."""
