"""The second target: projects in TypeScript, with the same behaviour over HTTP as those in Python."""
