"""Starter questions and files of questions."""
