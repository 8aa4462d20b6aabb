"""The CustomResourceDefinitions, hand-written; read with importlib.resources."""
