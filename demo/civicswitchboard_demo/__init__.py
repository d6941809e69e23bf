"""The demo: an invented region, its partners and their data."""
