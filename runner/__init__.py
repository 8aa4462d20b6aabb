"""Runs a plan on a cluster and shows the cascade."""
