"""One entry for each diagnostic code."""
