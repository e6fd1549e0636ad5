"""How wrong the local engine's figures are, on made speech of which all is known."""
