"""A judge of the operator's choice: a language model that reads a transcript, and nothing else."""
