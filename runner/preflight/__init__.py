"""What is looked at before anything of a run is created: see `konductor.runner.preflight.look`."""
