"""The search index: documents, batches, indexing again, and whether it is up to date."""
