"""What happens to every request before and after the route, one concern a module; plain ASGI, for speed."""
