"""Connections, transactions, locks and migrations."""
