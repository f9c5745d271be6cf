"""Everything that is executed: engines, rehearsals, the reference application, attacks, load."""
