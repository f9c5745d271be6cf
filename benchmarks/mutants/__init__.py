"""Bugs that are planted in the scaffolded shop, to see that exercising it finds them."""
