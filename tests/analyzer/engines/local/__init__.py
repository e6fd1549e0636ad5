"""The local engine on real clips."""
