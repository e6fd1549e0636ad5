"""What Greenroom costs, measured: each module takes no arguments and prints one table."""
