"""One module per language the architect reads or writes."""
