"""Repairs of stored records: previewed, run in small steps, watched, and undone."""
