"""What actions take, in navl's form; each has the name of its action."""
