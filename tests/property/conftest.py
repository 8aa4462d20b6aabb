from hypothesis import settings

# The machines that run these are slow and shared: an example has no deadline, and what is drawn
# is the same every time, so that a failure is one for everybody.
settings.register_profile("laws", deadline=None, max_examples=60, derandomize=True, database=None)
settings.load_profile("laws")
