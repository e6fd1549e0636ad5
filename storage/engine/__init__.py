"""Databases: connections, transactions, migrations, and what only one of the two kinds has."""
