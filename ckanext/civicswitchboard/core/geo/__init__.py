"""Geography: areas on the globe and named places."""
