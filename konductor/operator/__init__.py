"""The kopf operator: observe, ask the pure core, write."""
