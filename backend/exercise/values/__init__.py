"""Values for requests: those a schema asks for, those with one fault, and those that break careless programs."""
