"""What a run of a Plan would do, told before it runs. Pure."""
