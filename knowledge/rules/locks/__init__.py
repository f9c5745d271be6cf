"""Rules of the ``locks`` family, one file each."""
