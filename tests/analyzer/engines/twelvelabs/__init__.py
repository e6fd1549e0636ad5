"""The TwelveLabs engine: the real SDK against our stand-in."""
