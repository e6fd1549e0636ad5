"""The studio over real sockets."""
