"""The pure core: neither CKAN nor the database is imported here."""
