"""Discord: the bot itself, and one package a feature with its commands and its cards."""
