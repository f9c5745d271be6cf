"""Rules about query plans, one file each."""
