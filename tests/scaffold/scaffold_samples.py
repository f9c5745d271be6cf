"""A small renderer that behaves as the real one does, and projects made with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from backend.scaffold.apply import Applied, apply
from backend.scaffold.plan import Plan, Previous, Render, make_plan
from backend.workspace import Workspace
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.reader import read_blueprint

BLOG = """\
name: blog
description: Writers and what they write.
rate_limit: {requests: 100, seconds: 60}
resources:
  user:
    fields:
      email: {type: string, format: email, unique: true}
      name: {type: string, max_length: 120}
    operations:
      list: {access: [authenticated]}
      get: {access: [authenticated]}
      create: {access: [authenticated]}
  post:
    belongs_to:
      user: {resource: user, nested: true}
    fields:
      title: {type: string, max_length: 200}
      body: {type: text}
    operations:
      list: {access: [public], sort: [title]}
      get: {access: [public]}
      create: {access: [authenticated]}
      delete: {access: [authenticated]}
  tag:
    fields:
      label: {type: string, max_length: 40}
    operations:
      list: {access: [public]}
"""


def render(blueprint: Blueprint, previous: Previous | None) -> dict[str, str]:
    """Modules, a factory, a README and migrations; new tables come as a new migration."""
    files = {
        "README.md": f"# {blueprint.name}\n\n{blueprint.description}\n\n## Run\n\n    pip install -e .\n",
        "pyproject.toml": (
            f'[project]\nname = "{blueprint.name}"\nversion = "0.1.0"\nrequires-python = ">=3.11"\n'
            'dependencies = [\n    "fastapi",\n    "sqlalchemy",\n]\n\n[tool.ruff]\nline-length = 120\n'
        ),
        "Dockerfile": f'FROM python:3.12-slim\nLABEL name="{blueprint.name}"\nCOPY . /srv\n',
        "app/__init__.py": f'"""{blueprint.description}"""\n',
        "app/main.py": _main(blueprint),
    }
    for resource in blueprint.resources.values():
        files |= {f"app/{resource.plural}/{name}": text for name, text in _module(resource).items()}
    return files | _migrations(blueprint, previous)


def _main(blueprint: Blueprint) -> str:
    routers = "".join(f"from app.{one.plural} import routes as {one.plural}\n" for one in blueprint.resources.values())
    mounted = "".join(f"    app.include({one.plural})\n" for one in blueprint.resources.values())
    limit = blueprint.rate_limit
    return (
        f'"""The application."""\n\nimport os\n\n{routers}\n\ndef create_app(settings):\n    """Build it."""\n'
        f"    app = App(settings)\n    limit(app, {limit.requests}, {limit.seconds})\n\n{mounted}\n    return app\n"
    )


def _module(resource: Resource) -> dict[str, str]:
    columns = "".join(f"    {name}: Mapped[{spec.type.value}]\n" for name, spec in resource.fields.items())
    relations = "".join(f"    {name}_id: Mapped[UUID]\n" for name in resource.belongs_to)
    locking = "    version: Mapped[int]\n" if resource.optimistic_locking else ""
    limits = "".join(f"    {name} = text({spec.max_length})\n" for name, spec in resource.fields.items())
    offered = [
        name for name in ("list", "get", "create", "update", "delete") if getattr(resource.operations, name) is not None
    ]
    routes = "\n\n".join(f"def {name}_{resource.name}(service):\n    return service.{name}()\n" for name in offered)
    return {
        "__init__.py": "",
        "model.py": f"class {resource.class_name}(Base):\n    id: Mapped[UUID]\n{columns}\n{relations}{locking}",
        "schemas.py": f"class {resource.class_name}Create(Schema):\n{limits}\n\nclass Page(Schema):\n    limit = 20\n",
        "routes.py": f'"""Routes."""\n\n\n{routes}',
        "service.py": "class Service:\n    def __init__(self, session):\n        self.session = session\n",
    }


def _migrations(blueprint: Blueprint, previous: Previous | None) -> dict[str, str]:
    tables = ", ".join(one.table for one in blueprint.resources.values())
    if previous is None:
        return {"migrations/versions/0001_initial.py": f'"""Create {tables}."""\n\nrevision = "0001"\n'}
    before = read_blueprint(previous.blueprint)
    if before == blueprint:
        return {}
    number = len(previous.migrations) + 1
    text = f'"""Now {tables}."""\n\nrevision = "{number:04}"\n'
    return {f"migrations/versions/{number:04}_change.py": text}


def fixed(files: Mapping[str, str]) -> Render:
    """A renderer of always the same files."""
    return lambda blueprint, previous: files


def plan(folder: Path, text: str = BLOG, renderer: Render = render, *, path: str = "shop") -> Plan:
    """The plan for the project in ``folder``."""
    workspace = Workspace.at(folder)
    return make_plan(workspace, path, text, read_blueprint(text), renderer, generator="1")


def scaffold(folder: Path, text: str = BLOG, renderer: Render = render) -> Applied:
    """Plan and apply."""
    made = plan(folder, text, renderer)
    return apply(made, made.hash)


def tree(folder: Path) -> dict[str, bytes | str]:
    """Everything below a folder: bytes of files, targets of links, folders."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        else:
            found[name] = path.read_bytes() if path.is_file() else "folder"
    return found


def edit(path: Path, change: Callable[[str], str]) -> None:
    """Rewrite a file; the change must change something."""
    before = path.read_text()
    after = change(before)
    assert after != before
    path.write_text(after)
