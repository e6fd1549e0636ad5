"""The programs for whoever works on Greenroom."""
