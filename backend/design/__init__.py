"""A design tried out: mounted in a backend made for it, exercised, its SQL planned at production scale."""
