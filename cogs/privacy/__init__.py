"""`/privacy`: what is kept about a member, as a list, a file, or gone."""
