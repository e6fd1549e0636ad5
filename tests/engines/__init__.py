"""Both engines: the real SDK against the stand-in, the real models on the demo clip."""
