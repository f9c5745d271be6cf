"""The statistics lab: the plans of a production database from its schema and statistics, without its rows."""
