"""The shared schema in the running portal."""
