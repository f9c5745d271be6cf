"""A report for its reader: text for people and models, JSON, SARIF, GitHub, GitLab."""
