"""Domain events: written with the change they tell of, published at least once, handled exactly once."""
