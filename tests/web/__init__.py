"""What is served over HTTP, over real sockets, and the studio's page in a real browser."""
