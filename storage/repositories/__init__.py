"""One repository a subject: the only places with queries."""
