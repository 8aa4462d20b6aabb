"""The commands of koncli, one module each."""
