"""Reviews of GraphQL schemas, and what changed between two of them."""
