"""Rules about GraphQL schemas, one file each; a module holds one record called ``RULE``."""
