"""What is served over HTTP, over real sockets of this machine."""
