"""Small programs for who works on Greenroom."""
