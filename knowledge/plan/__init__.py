"""Query plans as plain data, whatever engine or notation they came from, and what can be reckoned from them."""
