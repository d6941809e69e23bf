"""Importing records: reading lines, and planning what of a record is stored where."""
