"""Published documents, by what they are called here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MANIFEST = Path(__file__).with_name("package.json")


@dataclass(frozen=True)
class Published:
    """One document in an npm package."""

    name: str
    package: str
    path: str
    size: str
    """Roughly, for the reader of a table."""


LARGE = Published("GitHub", "@octokit/openapi", "generated/api.github.com.json", "3.0, 13 MB JSON")
DOCUMENTS = (
    Published("Galaxy", "@scalar/galaxy", "dist/3.1.yaml", "3.1, 45 KB YAML"),
    Published("Petstore", "@readme/oas-examples", "2.0/json/petstore.json", "2.0, 23 KB JSON"),
    Published("Train Travel", "@readme/oas-examples", "3.1/yaml/train-travel.yaml", "3.1, 38 KB YAML"),
    Published("Directus", "@directus/specs", "dist/openapi.json", "3.0, 323 KB JSON"),
    Published("Dialogporten", "@digdir/dialogporten-schema", "swagger.verified.json", "3.0, 437 KB JSON"),
    Published("ReadMe", "@readme/oas-examples", "3.1/yaml/readme.yaml", "3.1, 485 KB YAML"),
    Published("Star Trek", "@readme/oas-examples", "3.0/json/star-trek.json", "3.0, 497 KB JSON"),
    LARGE,
)


def file_of(document: Published) -> Path:
    """Where the installed package holds it; installs the packages if need be."""
    from tests.clients.node_clients import installed

    return installed(MANIFEST).script(document.package, document.path)
