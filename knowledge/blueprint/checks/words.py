"""Names that would break the code, the tables or the paths made of them."""

from __future__ import annotations

from keyword import kwlist
from typing import Final

from pydantic import BaseModel

KEYWORDS: Final = frozenset(word.lower() for word in kwlist)

ANNOTATIONS: Final = frozenset(
    "str int bool float bytes list dict set tuple object date datetime conv mapped_column".split()
)
"""A class that has an attribute of such a name can no longer use what is called so for the attributes after it."""

BUILTINS: Final = frozenset("type len sorted zip id super print self cls app".split())
"""A variable of such a name would hide what a function of the generated code calls."""

MODEL_ATTRIBUTES: Final = frozenset(name for name in dir(BaseModel) if not name.startswith("_"))
"""A field of such a name would hide what every Pydantic model has."""

TABLE_ATTRIBUTES: Final = frozenset("metadata registry".split())
"""Reserved by SQLAlchemy's declarative classes."""

COLUMN_ATTRIBUTES: Final = frozenset(
    "add as_readonly clear compare contains_column corresponding_column extend get items keys remove update "
    "values".split()
)
"""What ``table.c`` has besides the columns."""

RESERVED_COLUMNS: Final = frozenset("id created_at updated_at deleted_at version owner_id tenant_id".split())
"""Columns the backend keeps itself."""

RESERVED_PARAMETERS: Final = frozenset("page limit cursor sort q".split())
"""Query parameters every list may have."""

MODULES: Final = frozenset("core main api models app tests migrations settings graphql".split())
"""Modules that stand beside those of the resources."""

PROGRAMS: Final = frozenset({"worker"})
"""Modules that no folder may be called after."""

UNQUOTED: Final = frozenset({"nothing", "returning"})
"""Keywords of SQLite that SQLAlchemy writes without the quotes they need."""

TABLES: Final = frozenset(
    "alembic_version outbox outbox_events outbox_messages inbox inbox_events inbox_messages processed_events "
    "processed_messages consumed_events idempotency_keys idempotency_records periodic_jobs".split()
)
"""Tables the backend keeps itself."""

CLASSES: Final = frozenset(
    "Annotated Any AsyncConnection Base BaseModel BigInteger Body Boolean Caller CheckConstraint Column "
    "ConflictError Connection Database Date DateTime Decimal Depends Engine Enum Envelope Error "
    "Exact Field ForbiddenError ForeignKey Header Index InstrumentedAttribute Integer Iterator Json Literal "
    "Mapped Mapping Model NotFoundError Numeric Page PageQuery Path Query Request Response Row Sequence "
    "Session Settings StrEnum String Table Text UtcDateTime Uuid".split()
)
"""Classes the modules of the generated code import."""

PACKAGES: Final = frozenset(
    "app tests migrations fastapi starlette pydantic pydantic-settings sqlalchemy alembic uvicorn asyncpg aiosqlite "
    "redis limits orjson pyjwt httpx pytest ruff mypy".split()
)
"""A project of such a name could not install the package of that name."""
