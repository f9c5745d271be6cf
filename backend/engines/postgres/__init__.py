"""PostgreSQL as an engine: find the binaries, launch a private server, hand out scratch databases."""
