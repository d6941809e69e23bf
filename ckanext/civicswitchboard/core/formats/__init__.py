"""Files and standards: the shared schema and vocabularies out of other formats and into them."""
