"""What runs inside pods: stdlib only, transitively."""
