"""What all features share in how they look and answer: embeds, buttons, forms, text, errors."""
