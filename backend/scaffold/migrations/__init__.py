"""Migrations of scaffolded projects: the first from a blueprint, the later ones from how blueprints differ."""
