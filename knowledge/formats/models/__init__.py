"""What the formats of object mappers share: tables as models that know each other, and models read back."""
