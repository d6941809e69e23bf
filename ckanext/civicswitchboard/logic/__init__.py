"""What the API offers: actions, who may call them, and validators."""
