"""The practice studio over HTTP."""
