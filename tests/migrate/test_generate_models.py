"""An Alembic project that is not ours: what its models need is found, tried and written."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.workspace import Workspace
from knowledge.report import Report
from tools.migrate_backend import MigrateBackendRequest, run
from tools.spec import ToolError
from tools.toolbox import Targets, Toolbox

ENV = """
import os
from alembic import context
from shop.models import Base

context.configure(url=os.environ["DATABASE_URL"], target_metadata=Base.metadata, literal_binds=True)
if not context.is_offline_mode():
    raise SystemExit("went online")
with context.begin_transaction():
    context.run_migrations()
"""
MODELS = """
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
"""
GROWN = (
    MODELS
    + """
    note: Mapped[str | None] = mapped_column(sa.String(200), index=True)
    extra = mapped_column(sa.JSON().with_variant(JSONB(), "postgresql"))

class Review(Base):
    __tablename__ = "reviews"
    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("products.id"))
"""
)
FIRST = """
import sqlalchemy as sa
from alembic import op
revision = "0001"
down_revision = None
def upgrade():
    op.create_table(
        "products", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.String(80), nullable=False)
    )
def downgrade():
    op.drop_table("products")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose revisions make what its models ask for."""
    files = {
        "alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = %(here)s\n",
        "migrations/env.py": ENV,
        "migrations/versions/0001_first.py": FIRST,
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
    }
    for name, text in files.items():
        path = tmp_path / "store" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return tmp_path / "store"


async def generate(toolbox: Toolbox, **fields: Any) -> Report:
    given = {"path": "store", "action": "generate", "allow_project_code": True, "prove": False, **fields}
    return await run(MigrateBackendRequest(**given), toolbox)


def engines(toolbox: Toolbox, tmp_path: Path, engine: str) -> Toolbox:
    """A target of the engine; it is never opened."""
    url = f"sqlite:///{tmp_path / 'never.db'}" if engine == "sqlite" else ""
    return replace(toolbox, targets=Targets(database_url=url))


@pytest.mark.parametrize("engine", ["postgresql", "sqlite"])
async def test_changed_models_become_a_revision_that_was_run(
    project: Path, toolbox: Toolbox, tmp_path: Path, engine: str
) -> None:
    chosen = engines(toolbox, tmp_path, engine)
    assert (await generate(chosen)).headline.startswith("nothing to migrate: the models")
    (project / "shop/models.py").write_text(GROWN)
    report = await generate(chosen)
    name = "store/migrations/versions/0002_models_changed.py"
    assert report.headline.startswith(
        f"1 new migration from the models ({name.rpartition('/')[2]}); rehearsed: 2 migra"
    )
    text = next(item.text for item in report.artifacts if item.name == name)
    assert "postgresql.JSONB" in text
    assert 'down_revision = "0001"' in text
    if engine == "postgresql":
        assert "index-not-concurrent" in {finding.rule for finding in report.findings}
    written = await generate(chosen, plan_hash=report.fact("plan_hash"))
    assert written.headline == "1 migrations written"
    compile(text, name, "exec")
    assert (tmp_path / name).read_text() == text
    assert (await generate(chosen)).headline.startswith("nothing to migrate")


async def test_models_are_read_only_where_that_is_allowed(project: Path, toolbox: Toolbox) -> None:
    with pytest.raises(ToolError, match="Pass allow_project_code=true"):
        await generate(toolbox, allow_project_code=False)


async def test_the_hash_of_other_models_writes_nothing(project: Path, toolbox: Toolbox) -> None:
    (project / "shop/models.py").write_text(GROWN)
    digest = (await generate(toolbox)).fact("plan_hash")
    (project / "shop/models.py").write_text(GROWN.replace("sa.String(200)", "sa.String(300)"))
    with pytest.raises(ToolError, match="not the hash of these files"):
        await generate(toolbox, plan_hash=digest)
    assert [path.name for path in (project / "migrations/versions").glob("*.py")] == ["0001_first.py"]


async def test_a_folder_of_sql_has_nothing_to_generate_from(toolbox: Toolbox, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store/1.sql").write_text("SELECT 1;")
    with pytest.raises(ToolError, match="generate needs a scaffolded project"):
        await generate(replace(toolbox, workspace=Workspace.at(tmp_path)))
