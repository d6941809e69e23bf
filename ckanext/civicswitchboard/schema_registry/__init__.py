"""The versions of the shared schema in the database: current, draft, releases, suggestions."""
