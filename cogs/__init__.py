"""Discord: commands, buttons and modals, one file a feature."""
