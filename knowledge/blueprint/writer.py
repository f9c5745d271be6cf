"""From the model back to YAML, as short as it can be said."""

from __future__ import annotations

from typing import Any

import yaml

from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.plurals import plural_of
from knowledge.blueprint.source import plain_scalar


def write_blueprint(blueprint: Blueprint) -> str:
    """YAML that ``read_blueprint`` reads as an equal blueprint; what is said by default is left out."""
    data = blueprint.model_dump(mode="json", exclude_defaults=True)
    for key, resource in data["resources"].items():
        if resource.get("name") == key:
            del resource["name"]
        if resource.get("plural") == plural_of(key):
            del resource["plural"]
        resource.setdefault("operations", {})
    text = yaml.dump(data, Dumper=_dumper(), sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)
    return str(text)


def _dumper() -> type[yaml.SafeDumper]:
    """Quotes text the reader would take for something else, and never repeats a value by an alias."""

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = None if isinstance(plain_scalar(value), str) else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)

    def number(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
        return dumper.represent_int(int(value)) if value.is_integer() else dumper.represent_float(value)

    Dumper.add_representer(str, text)
    Dumper.add_representer(float, number)
    return Dumper
