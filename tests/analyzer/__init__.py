"""The analyzer with real storage, and everything outside scripted."""
