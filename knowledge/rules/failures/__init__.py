"""Rules of the ``failures`` family, one file each."""
