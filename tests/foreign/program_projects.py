"""Tiny real projects of tools whose migrations are programs."""

from __future__ import annotations

import textwrap
from pathlib import Path

ENV = """
from alembic import context
def offline():
    context.configure(url=context.config.get_main_option("sqlalchemy.url"), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
if context.is_offline_mode():
    offline()
else:
    raise SystemExit("went online")
"""


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip("\n"))


def alembic_project(root: Path, *, url: str = "postgresql+asyncpg://app@localhost/app", env: str = ENV) -> None:
    """``alembic.ini``, ``migrations/env.py`` and no revision yet."""
    write(root / "alembic.ini", f"[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = {url}\n")
    write(root / "migrations/env.py", env)
    (root / "migrations/versions").mkdir()


def revision(root: Path, name: str, after: str, up: str, down: str = "pass") -> None:
    """One revision; ``after`` is the Python text of its ``down_revision``."""
    body = f'"""The {name} step."""\nimport os\nimport sqlalchemy as sa\nfrom alembic import op\n'
    body += f"revision = {name!r}\ndown_revision = {after}\n"
    for way, code in (("upgrade", up), ("downgrade", down)):
        body += f"def {way}():\n" + textwrap.indent(textwrap.dedent(code).strip(), "    ") + "\n"
    write(root / f"migrations/versions/{name}.py", body)


def django_project(root: Path, *, engine: str = "django.db.backends.postgresql", settings: str = "") -> None:
    """A project with one app, ``shop``, that has no migration yet."""
    write(
        root / "manage.py",
        """
        import os
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_of_test.settings")
        """,
    )
    write(root / "site_of_test/__init__.py", "")
    write(
        root / "site_of_test/settings.py",
        f"""
SECRET_KEY = "test"
INSTALLED_APPS = ["django.contrib.contenttypes", "shop"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {{"default": {{"ENGINE": "{engine}", "NAME": "live", "HOST": "192.0.2.1", "USER": "live"}}}}
{settings}
""",
    )
    write(root / "shop/__init__.py", "")
    write(root / "shop/models.py", "")
    write(root / "shop/migrations/__init__.py", "")


def django_migration(root: Path, name: str, after: list[tuple[str, str]], operations: str, extra: str = "") -> None:
    """One migration of ``shop``; ``operations`` is Python text."""
    write(
        root / f"shop/migrations/{name}.py",
        f"""
from django.db import migrations, models
def code(apps, editor):
    raise AssertionError("data migrations must not run")
class Migration(migrations.Migration):
    dependencies = {after!r}
    {extra}
    operations = [{operations}]
""",
    )
