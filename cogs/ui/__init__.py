"""How things look: embeds, views, text, errors, and the announcer that delivers results."""
