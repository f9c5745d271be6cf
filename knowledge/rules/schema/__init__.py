"""Rules of the ``schema`` family, one file each."""
