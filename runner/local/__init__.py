"""The local cluster: API server, controllers, kubelet; nothing outside imports its inside."""
