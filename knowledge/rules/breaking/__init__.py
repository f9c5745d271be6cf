"""Rules of the ``breaking`` family, one file each."""
