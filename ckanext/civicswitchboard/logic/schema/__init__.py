"""What actions take, one module a domain."""
