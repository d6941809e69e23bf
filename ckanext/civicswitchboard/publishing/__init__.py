"""Publishing a version, with the repairs of records that go with it, and telling people."""
