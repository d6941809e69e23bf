"""What `bin/portal` and `bin/test` are made of."""
