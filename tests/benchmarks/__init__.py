"""The benchmarks that have arithmetic of their own."""
