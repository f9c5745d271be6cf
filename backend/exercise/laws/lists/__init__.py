"""How lists are walked, filtered, sorted and searched."""
