"""Shuts a child process in before it meets a member's file."""
