"""A contract under review: told from its text, and where an application is given, by calling it."""
