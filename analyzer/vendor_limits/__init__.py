"""What the vendor allows and what the operator pays for: turns in line, and caps on minutes."""
