"""A Kubernetes-compatible API server over HTTPS and sqlite."""
