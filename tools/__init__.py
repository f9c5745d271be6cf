"""One module per verb. A tool reads its request, calls knowledge and backend, returns a Report."""
