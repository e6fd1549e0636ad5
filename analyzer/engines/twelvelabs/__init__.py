"""The TwelveLabs engine: the official SDK behind our own client."""
