"""Real database engines, started, confined and watched by us."""
