"""Greenroom's tests."""
