"""The port to a Kubernetes API server, its adapters, and how one is chosen."""
