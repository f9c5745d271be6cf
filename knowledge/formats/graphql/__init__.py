"""GraphQL schema definition language, read and written."""
