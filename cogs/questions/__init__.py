"""`/question`: asks questions, and keeps a server's own."""
