"""One table as the plain data of a resource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from knowledge.blueprint.checks.unique import MAX_CHARACTERS
from knowledge.blueprint.checks.words import RESERVED_PARAMETERS
from knowledge.blueprint.fields import STRING_LIMIT
from knowledge.blueprint.model import MAX_FIELDS, MAX_RELATIONS
from knowledge.blueprint_from_schema.conditions import limits
from knowledge.blueprint_from_schema.field_types import Options, field_options
from knowledge.blueprint_from_schema.naming import field_name, relation_name, singular_of, snake
from knowledge.blueprint_from_schema.notes import Notes
from knowledge.blueprint_from_schema.roles import Roles, roles_of
from knowledge.blueprint_from_schema.values import limited, with_default
from knowledge.schema import Constraint, Index, Relation, Schema

_ON_DELETE: Final = re.compile(r"\bON DELETE (CASCADE|SET NULL|SET DEFAULT|RESTRICT|NO ACTION)\b", re.IGNORECASE)
_LIVE: Final = re.compile(r"[\s(\"`]*(\w+)[\"`]*\s+is\s+null[\s)]*", re.IGNORECASE)
_UNORDERED: Final = ("text", "json")


@dataclass
class Draft:
    """A resource that takes shape; ``names`` are the fields and relations by column."""

    table: Relation
    roles: Roles
    notes: Notes
    data: dict[str, Any]
    names: dict[str, str] = field(default_factory=dict)

    def tell(self, text: str, column: str = "") -> None:
        """Note something of the table or one of its columns."""
        self.notes.add(f"{self.table.qualified}.{column}" if column else self.table.qualified, text)


def resource_of(table: Relation, schema: Schema, targets: Mapping[str, str], plural: str, notes: Notes) -> Draft:
    """The resource of a table. ``targets``: names of the resources there will be, by ``schema.table``."""
    draft = Draft(
        table,
        roles_of(table, notes),
        notes,
        {"plural": plural, "fields": {}, "belongs_to": {}, "many_to_many": {}, "unique": []},
    )
    if snake(table.name, len(table.name)) != plural:
        draft.tell(f"the table is called {plural} here")
    if table.partitioned or table.partition_of:
        draft.tell("partitions are not said by a blueprint")
    _relations(draft, schema, targets)
    unique = _unique_groups(draft)
    _fields(draft, schema, frozenset(name for group in unique for name in group))
    _checks(draft)
    _unique(draft, unique)
    _defaults(draft)
    _kept(draft)
    draft.data["operations"] = _operations(draft)
    return draft


def _relations(draft: Draft, schema: Schema, targets: Mapping[str, str]) -> None:
    relations: dict[str, Any] = draft.data["belongs_to"]
    for constraint in draft.table.constraints_of("foreign"):
        columns = [name for name in constraint.columns if name != draft.roles.tenant]
        if len(columns) != 1 or columns[0] == draft.roles.owner:
            _plain_key(draft, constraint)
            continue
        name, column = relation_name(columns[0]), draft.table.column(columns[0])
        target = schema.table(constraint.target)
        pointed = [
            end for own, end in zip(constraint.columns, constraint.target_columns, strict=False) if own in columns
        ]
        if column is None or constraint.target not in targets or target is None:
            draft.tell(f"points to {constraint.target}, which is not part of the blueprint", columns[0])
            continue
        if name in relations or len(relations) == MAX_RELATIONS or pointed != list(target.primary_key)[-1:]:
            draft.tell(f"the reference to {constraint.target} ({', '.join(pointed)}) is no relation here", columns[0])
            continue
        if f"{name}_id" != column.name:
            draft.tell(f"the column is called {name}_id here", column.name)
        draft.names[column.name] = name
        relations[name] = _relation(draft, constraint, targets[constraint.target], nullable=column.nullable)


def _relation(draft: Draft, constraint: Constraint, target: str, *, nullable: bool) -> dict[str, Any]:
    written = _ON_DELETE.search(constraint.definition)
    action = written[1].lower().replace(" ", "_") if written else ""
    said: dict[str, Any] = {"resource": target}
    if nullable:
        said["required"] = False
    if action == "cascade" or (action == "set_null" and nullable):
        said["on_delete"] = action
    elif action == "set_default":
        draft.tell("ON DELETE SET DEFAULT becomes restrict", constraint.columns[-1])
    others = draft.data["belongs_to"].values()
    if action == "cascade" and not nullable and not any(each.get("nested") for each in others):
        said["nested"] = True  # what goes with its parent is listed and made within it
    return said


def _plain_key(draft: Draft, constraint: Constraint) -> None:
    columns = ", ".join(constraint.columns)
    if set(constraint.columns) <= {draft.roles.tenant, draft.roles.owner}:
        draft.tell(
            f"the reference to {constraint.target} is not kept: the value comes from the caller's token", columns
        )
    else:
        draft.tell(f"the reference ({columns}) to {constraint.target} has several columns and is not kept")


def _fields(draft: Draft, schema: Schema, unique: frozenset[str]) -> None:
    fields: dict[str, Options] = draft.data["fields"]
    for column in draft.table.columns:
        if column.name in draft.roles.columns or column.name in draft.names:
            continue
        options, told = field_options(column, schema, keyed=column.name in unique)
        name = field_name(column.name)
        if told:
            draft.tell(told, column.name)
        if options is None or len(fields) == MAX_FIELDS or name in fields:
            if options is not None:
                draft.tell(f"is left out: {name} is taken, or there are {MAX_FIELDS} fields", column.name)
            if not column.nullable and not column.default and not column.generated:
                draft.tell("rows cannot be made without it", column.name)
            continue
        if name != column.name:
            draft.tell(f"is called {name} here", column.name)
        if column.generated:
            draft.tell("the database computes it; here it is only shown", column.name)
            options["read_only"] = True
        if column.nullable or column.generated:
            options["required"] = False
        fields[name] = options
        draft.names[column.name] = name


def _unique_groups(draft: Draft) -> list[tuple[str, ...]]:
    """Columns that are unique together, the tenant aside, each group once."""
    found: dict[tuple[str, ...], None] = {}
    keys = [constraint.columns for constraint in draft.table.constraints_of("unique")]
    keys += [index.columns for index in draft.table.indexes if _plainly_unique(draft, index)]
    if not draft.roles.key:
        keys.insert(0, draft.table.primary_key)
    for key in keys:
        group = tuple(name for name in key if name != draft.roles.tenant)
        if group and (draft.roles.columns & set(group)) <= {draft.roles.key} and group != (draft.roles.key,):
            found[group] = None
        elif group and group != (draft.roles.key,):
            draft.tell(f"that ({', '.join(key)}) is unique is not said: it has columns the backend keeps itself")
    return list(found)


def _plainly_unique(draft: Draft, index: Index) -> bool:
    if not index.unique or index.primary or index.constraint or not index.valid:
        return False
    live = _LIVE.fullmatch(index.partial)
    if "" in index.columns or (index.partial and (live is None or live[1] != draft.roles.deleted)):
        draft.tell(f"the unique index {index.name} is of expressions or some rows only: not kept")
        return False
    return True


def _unique(draft: Draft, groups: list[tuple[str, ...]]) -> None:
    for group in groups:
        names = [draft.names.get(column, "") for column in group]
        options = [draft.data["fields"][name] for name in names if name in draft.data["fields"]]
        length = sum(each.get("max_length", STRING_LIMIT) for each in options if each["type"] == "string")
        if "" in names or length > MAX_CHARACTERS or any(each["type"] in _UNORDERED for each in options):
            draft.tell(f"that ({', '.join(group)}) is unique is not said: not all of it can be indexed here")
        elif len(names) == 1 and options:
            if options[0]["type"] == "boolean":
                draft.tell("that a boolean is unique is not said", group[0])
            else:
                options[0]["unique"] = True
        else:
            draft.data["unique"].append(names)


def _checks(draft: Draft) -> None:
    for constraint in draft.table.constraints_of("check"):
        found = limits(constraint.definition)
        applied = found is not None
        for limit in found or ():
            options = draft.data["fields"].get(draft.names.get(limit.column, ""))
            applied &= options is not None and limited(options, limit)
        if not applied:
            draft.tell(f"the condition of {constraint.name} is not wholly kept: {constraint.definition[:120]}")


def _defaults(draft: Draft) -> None:
    for column in draft.table.columns:
        options = draft.data["fields"].get(draft.names.get(column.name, ""))
        if options is not None and not column.generated and (told := with_default(options, column)):
            draft.tell(told, column.name)


def _kept(draft: Draft) -> None:
    roles, data = draft.roles, draft.data
    if roles.tenant:
        data["tenant"] = True
    if roles.owner:
        data["owner"] = "owner_id"
    if roles.deleted:
        data["soft_delete"] = True
    if roles.version:
        data["optimistic_locking"] = True


def _operations(draft: Draft) -> dict[str, Any]:
    """All five: lists newest first by cursor where rows know when they were made."""
    access = ["owner"] if draft.roles.owner else ["tenant"] if draft.roles.tenant else ["authenticated"]
    made = ["tenant"] if draft.roles.tenant else ["authenticated"]
    indexed = [name for name in _indexed(draft) if _filterable(draft, name)]
    listing: dict[str, Any] = {"access": access, "filter": indexed}
    if draft.roles.created:
        listing["pagination"] = "cursor"
    else:
        listing["sort"] = [name for name in indexed if name in draft.data["fields"]]
    return {
        "list": listing,
        "get": {"access": access},
        "create": {"access": made},
        "update": {"access": access},
        "delete": {"access": access},
    }


def _indexed(draft: Draft) -> list[str]:
    """Fields and relations an index begins with, after the tenant."""
    found: dict[str, None] = {}
    for index in draft.table.indexes:
        columns = [column for column in index.columns if column != draft.roles.tenant]
        if columns and columns[0] in draft.names and not index.partial.strip("() ").lower().endswith("not null"):
            found[draft.names[columns[0]]] = None
    return list(found)


def _filterable(draft: Draft, name: str) -> bool:
    options = draft.data["fields"].get(name)
    if options is None:
        return True
    long = options["type"] == "string" and options.get("max_length", STRING_LIMIT) > MAX_CHARACTERS
    return options["type"] not in _UNORDERED and not long and name not in RESERVED_PARAMETERS


def is_link(table: Relation) -> bool:
    """Whether a table holds nothing but pairs: two references, together its key."""
    keys = [constraint.columns for constraint in table.constraints_of("foreign")]
    names = {column.name for column in table.columns if not snake(column.name).endswith("_at")} - {"id"}
    ends = {key[0] for key in keys if len(key) == 1}
    paired = any(set(key) == ends for key in _together(table))
    return len(keys) == 2 and len(ends) == 2 and names == ends and paired


def _together(table: Relation) -> list[tuple[str, ...]]:
    unique = [constraint.columns for constraint in table.constraints_of("unique")]
    return [table.primary_key, *unique, *(index.columns for index in table.indexes if index.unique)]


def link_name(table: Relation, near: str, plural: str) -> str:
    """The relation a table of pairs becomes on the side of ``near``: ``post_labels`` -> ``labels``."""
    whole = snake(table.name, len(table.name))
    for prefix in (f"{near}_", f"{singular_of(near)}_"):
        if whole.startswith(prefix) and len(whole) > len(prefix):
            return whole[len(prefix) :]
    return plural
