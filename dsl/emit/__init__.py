"""A Plan and a run's name to Kubernetes manifests."""
