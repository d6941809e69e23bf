"""Records from a file to datasets: ``ckan civicswitchboard import``."""
