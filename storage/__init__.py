"""The memory: tables, migrations and one repository a feature. Knows nothing of Discord."""
