"""What every part of the application stands on: errors, settings, database, cache, limits, events."""
