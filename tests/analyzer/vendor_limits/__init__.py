"""An attempt's way, undisturbed and disturbed at each step."""
