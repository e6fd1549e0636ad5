"""Backup, restore, copying and purging."""
