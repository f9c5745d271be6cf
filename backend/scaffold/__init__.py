"""Scaffolding: a project the user owns, made from a blueprint and brought up to date without losing an edit."""
