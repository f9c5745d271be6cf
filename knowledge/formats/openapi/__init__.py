"""The contract of a blueprint's API as OpenAPI 3.1."""
