"""Types of Prisma fields in PostgreSQL's spelling.

https://www.prisma.io/docs/orm/reference/prisma-schema-reference#model-field-scalar-types, column "PostgreSQL"; native
types of other engines by the nearest type of PostgreSQL.
"""

from __future__ import annotations

from knowledge.formats.prisma.syntax import Value

SCALARS = {
    "String": "text",
    "Boolean": "boolean",
    "Int": "integer",
    "BigInt": "bigint",
    "Float": "double precision",
    "Decimal": "numeric(65,30)",
    "DateTime": "timestamp(3) without time zone",
    "Json": "jsonb",
    "Bytes": "bytea",
}
_NATIVE = {
    "Text": "text",
    "TinyText": "text",
    "MediumText": "text",
    "LongText": "text",
    "NText": "text",
    "NVarChar": "character varying",
    "VarChar": "character varying",
    "NChar": "character",
    "Char": "character",
    "Bit": "bit",
    "VarBit": "bit varying",
    "Uuid": "uuid",
    "UniqueIdentifier": "uuid",
    "Citext": "citext",
    "Inet": "inet",
    "Xml": "xml",
    "Boolean": "boolean",
    "SmallInt": "smallint",
    "TinyInt": "smallint",
    "UnsignedTinyInt": "smallint",
    "UnsignedSmallInt": "integer",
    "MediumInt": "integer",
    "Integer": "integer",
    "Int": "integer",
    "UnsignedInt": "bigint",
    "BigInt": "bigint",
    "UnsignedBigInt": "numeric(20,0)",
    "Oid": "oid",
    "Real": "real",
    "Float": "real",
    "Double": "double precision",
    "DoublePrecision": "double precision",
    "Decimal": "numeric",
    "Money": "money",
    "Date": "date",
    "Json": "json",
    "JsonB": "jsonb",
    "ByteA": "bytea",
    "Blob": "bytea",
    "LongBlob": "bytea",
    "MediumBlob": "bytea",
    "TinyBlob": "bytea",
    "VarBinary": "bytea",
    "Binary": "bytea",
    "ObjectId": "objectid",
}
_MOMENTS = {
    "Timestamp": ("timestamp", "without time zone"),
    "DateTime": ("timestamp", "without time zone"),
    "DateTime2": ("timestamp", "without time zone"),
    "Timestamptz": ("timestamp", "with time zone"),
    "DateTimeOffset": ("timestamp", "with time zone"),
    "Time": ("time", "without time zone"),
    "Timetz": ("time", "with time zone"),
}


def native_type(attribute: Value) -> str:
    """The type a ``@db.`` attribute says, or ``""`` where it is not known."""
    name = attribute.text.removeprefix("db.")
    sizes = ",".join(item.value.text for item in attribute.items if item.value.kind == "number")
    if name in _MOMENTS:
        word, zone = _MOMENTS[name]
        return f"{word}({sizes}) {zone}" if sizes else f"{word} {zone}"
    found = _NATIVE.get(name, "")
    sized = found in ("character varying", "character", "bit", "bit varying", "numeric")
    if found in ("character", "bit") and not sizes:
        sizes = "1"
    return f"{found}({sizes})" if found and sizes and sized else found
