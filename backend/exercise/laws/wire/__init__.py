"""What every answer looks like, whatever was asked."""
