"""Workarounds for CKAN itself, one file each: what each fixes, and when it can go."""
