"""What is asked in an interview, what is asked after an answer, and the report."""
