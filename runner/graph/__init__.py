"""The graph of a Plan, and the forms that it is drawn in. Pure."""
