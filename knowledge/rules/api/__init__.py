"""Rules about OpenAPI documents, one file each; a module holds one record called ``RULE``."""
