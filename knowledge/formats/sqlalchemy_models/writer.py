"""SQLAlchemy 2 models of a blueprint, and queries whose relations are loaded in batches."""

from __future__ import annotations

from knowledge.blueprint.model import Blueprint
from knowledge.formats.models.graph import models
from knowledge.formats.sqlalchemy_models.model_writer import model_module
from knowledge.formats.sqlalchemy_models.query_writer import query_module

MODELS = "database/models.py"
QUERIES = "database/queries.py"


def write_sqlalchemy(blueprint: Blueprint) -> dict[str, str]:
    """Texts by path: a package ``database`` with ``models`` and ``queries``.

    The tables of the platform (outbox, idempotency keys) belong to the backend's own code and are not among them.
    """
    made = models(blueprint)
    files = {
        "database/__init__.py": '"""Tables and queries."""\n',
        MODELS: model_module(made),
        QUERIES: query_module(made),
    }
    return {path: text for path, text in files.items() if text}
