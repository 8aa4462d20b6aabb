"""The Job controller, garbage collection and TTL, as plain clients of the API."""
