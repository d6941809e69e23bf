"""The code behind `bin/portal` and `bin/test`."""
