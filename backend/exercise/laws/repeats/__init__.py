"""Requests that are repeated or conditional."""
