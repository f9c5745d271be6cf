"""Reviews of API documents that others published, measured and compared."""
