"""Storage on SQLite and on Postgres."""
