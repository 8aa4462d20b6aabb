"""The static checks, one rule a file."""
