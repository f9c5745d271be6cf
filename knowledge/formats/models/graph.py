"""A blueprint's tables as models that know each other: every foreign key has a name on both of its ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge.blueprint.checks.words import TABLE_ATTRIBUTES
from knowledge.blueprint.identifiers import link_table
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.table import ForeignKey, Table
from knowledge.blueprint.tables import tables
from knowledge.formats.models.names import free, pascal


@dataclass(frozen=True)
class Reference:
    """A foreign key. ``name`` is what the row calls the one it points to, ``reverse`` what that one calls its rows.

    ``label`` names the pair. ``single``: the row pointed to has at most one such row.
    """

    name: str
    reverse: str
    label: str
    key: ForeignKey
    source: str
    target: str
    required: bool
    single: bool = False


@dataclass(frozen=True)
class Link:
    """A many-to-many relation: ``name`` on this side, ``through`` the table of pairs, ``rows`` this side's pairs."""

    name: str
    through: str
    rows: str
    near: Reference
    far: Reference
    reverse: str


@dataclass
class Model:
    """A table, and what stands around it. ``resource`` is ``None`` for a table of pairs."""

    table: Table
    class_name: str
    resource: Resource | None
    references: list[Reference] = field(default_factory=list)
    incoming: list[Reference] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    children: list[Reference] = field(default_factory=list)
    """Of those incoming, the relations by which rows are offered within a row of this one."""

    def reference(self, column: str) -> Reference | None:
        """The reference whose column this is."""
        return next((each for each in self.references if each.key.column == column), None)


def models(blueprint: Blueprint) -> dict[str, Model]:
    """The models by table, in the order of the tables."""
    made = tables(blueprint)
    classes: set[str] = {resource.class_name for resource in blueprint.resources.values()}
    found = {table.name: _model(blueprint, table, classes) for table in made}
    taken = {name: _names(model) for name, model in found.items()}
    for model in found.values():
        for key in model.table.foreign_keys:
            _connect(found, taken, model, key)
    for resource in blueprint.resources.values():
        for name in resource.many_to_many:
            _join(found, taken, resource, name)
    return found


def _model(blueprint: Blueprint, table: Table, classes: set[str]) -> Model:
    if table.resource:
        resource = blueprint.resources[table.resource]
        return Model(table, resource.class_name, resource)
    return Model(table, free([pascal(table.name), f"{pascal(table.name)}Link"], classes), None)


def _names(model: Model) -> set[str]:
    """Names a model has besides its relations' ends."""
    own = {column.name for column in model.table.columns} | set(TABLE_ATTRIBUTES)
    if model.resource is not None:
        own |= {*model.resource.belongs_to, *model.resource.many_to_many}
    return own | {key.column.removesuffix("_id") for key in model.table.foreign_keys}


def _connect(found: dict[str, Model], taken: dict[str, set[str]], model: Model, key: ForeignKey) -> None:
    target = found[key.table]
    name = key.column.removesuffix("_id")
    resource = model.resource
    rows = model.table.name
    single = resource is not None and _alone(model.table, key.column)
    alike = [each for each in model.table.foreign_keys if each.table == key.table]
    if single and resource is not None:
        wanted = [resource.name, f"{resource.name}_by_{name}"]
    else:
        plain = [rows] if len(alike) == 1 and target is not model else []
        wanted = [*plain, f"{rows}_by_{name}"]
    reference = Reference(
        name,
        free(wanted, taken[target.table.name]),
        f"{rows}_{name}",
        key,
        rows,
        target.table.name,
        required=not model.table.column(key.column).nullable,
        single=single,
    )
    model.references.append(reference)
    target.incoming.append(reference)
    if resource is not None and resource.belongs_to[name].nested and resource.operations.list is not None:
        target.children.append(reference)


def _alone(table: Table, column: str) -> bool:
    """Whether no two rows of all share a value of the column."""
    return any(
        index.unique and not index.where and [each.name for each in index.columns] == [column]
        for index in table.indexes
    )


def _join(found: dict[str, Model], taken: dict[str, set[str]], resource: Resource, name: str) -> None:
    through = found[link_table(resource, name)]
    near, far = through.references
    other = found[far.target]
    rows = resource.plural
    reverse = free([rows, f"{rows}_by_{name}"], taken[other.table.name])
    link = Link(name, through.table.name, near.reverse, near, far, reverse)
    found[resource.table].links.append(link)
