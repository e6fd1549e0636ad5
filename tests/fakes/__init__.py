"""Stand-ins for outside services, spoken to over real sockets."""
