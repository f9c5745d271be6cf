"""Running a backend and watching it: smoke, contract fuzz, laws, access, load, faults."""
