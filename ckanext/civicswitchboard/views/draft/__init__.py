"""Pages of the draft: its fields and sections, and what is done with it as a whole."""
