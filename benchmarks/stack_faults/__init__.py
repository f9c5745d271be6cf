"""The same mistakes planted in the backends of both stacks, and the quick checks that have to notice each."""
