"""The local engine: measures on this machine, in child processes, without any account."""
