"""What an installation brings into a cluster, and what it takes out again."""
