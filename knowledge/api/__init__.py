"""API documents under review: read, walked once, judged by rules."""
