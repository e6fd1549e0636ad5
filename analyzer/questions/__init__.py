"""Questions to practise with: the starters, and files of a server's own."""
