"""What an operator does to all rows: backup, restore, copying to Postgres, purging."""
