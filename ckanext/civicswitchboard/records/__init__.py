"""Records: how a dataset, resource or organization is validated, stored, shown and found, and by whom."""
