"""Explaining queries: where they come from, the ground they are planned on, what is said of them."""
