"""Typed API objects, and every name that konductor gives to anything."""
