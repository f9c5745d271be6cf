"""The events of a backend as AsyncAPI 3."""
