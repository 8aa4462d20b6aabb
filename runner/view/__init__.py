"""The run's state to what a terminal shows. Pure."""
