"""Reads what a language model wrote: what is meant, allowed, and borne out by the transcript."""
