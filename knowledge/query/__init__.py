"""What a query asks for, read from its text: its shape, and whether it may be executed."""
