"""The schema document: its model, its rules, and what CKAN is served from it."""
