"""Everything that is known: models, formats, rules and patterns. Executes nothing."""
