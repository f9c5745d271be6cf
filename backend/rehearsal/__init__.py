"""Rehearsing a migrations folder: replay it, watch each statement, go down and up again, prove the fixes."""
