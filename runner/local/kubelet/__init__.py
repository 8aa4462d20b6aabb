"""A node agent that runs pods as processes, against any API server."""
