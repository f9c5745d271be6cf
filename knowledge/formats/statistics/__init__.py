"""Where planner statistics come from besides a live server: our export, ``pg_dump``, row counts."""
