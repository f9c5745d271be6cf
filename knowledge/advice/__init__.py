"""Which indexes could serve a query: ideas only, each to be built and tried before it is said."""
