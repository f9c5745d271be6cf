"""The lists of the lawful sample: conditions, order, pages."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from lawful_http import BUGS, Asked, Refused, Said
from lawful_openapi import MOST
from lawful_store import KINDS, Kind, Store


class Lists:
    """Pages of rows."""

    def __init__(self) -> None:
        self.store = Store()

    def listed(self, kind: Kind, asked: Asked, parent: str | None) -> Said:
        """A page of rows."""
        known = {"limit", "cursor" if kind.cursor else "page", *kind.filter}
        known |= {"sort"} if kind.sort else set()
        known |= {"q"} if kind.search else set()
        for name in asked.query:
            if name not in known:
                raise Refused(422, "unknown", f"query.{name}")
        limit = self.number(asked, "limit", 20, MOST)
        where, values = ["deleted_at IS NULL" if "delete-listed" not in BUGS else "1 = 1"], list[Any]()
        if kind.tenant and "tenant-list" not in BUGS:
            where, values = [*where, "tenant_id = ?"], [*values, asked.tenant]
        if parent is not None and "child-unscoped" not in BUGS:
            where, values = [*where, f"{kind.parent}_id = ?"], [*values, parent]
        for name in kind.filter:
            if name in asked.query and "filter-ignored" not in BUGS:
                where, values = [*where, f"{name} = ?"], [*values, self.typed(kind, name, asked.query[name])]
        if "q" in asked.query:
            word = asked.query["q"]
            if "search-wild" not in BUGS:
                word = re.sub(r"([\\%_])", r"\\\1", word)
            column = kind.search
            exact = f"instr({column}, ?) > 0"
            where.append(exact if "search-case" in BUGS else f"{column} LIKE ? ESCAPE '\\'")
            values.append(word if "search-case" in BUGS else f"%{word}%")
        if kind.cursor:
            return self.by_cursor(kind, asked, where, values, limit)
        return self.by_page(kind, asked, where, values, limit)

    def by_page(self, kind: Kind, asked: Asked, where: list[str], values: list[Any], limit: int) -> Said:
        """By number."""
        page = self.number(asked, "page", 1, 10**9)
        sort = asked.query.get("sort", "-created_at")
        if sort.lstrip("-") not in (*kind.sort, "created_at"):
            raise Refused(422, "unknown", "query.sort")
        direction = "DESC" if sort.startswith("-") else "ASC"
        order = f"{sort.lstrip('-')} {direction}, id" if "sort-ignored" not in BUGS else "id"
        order = f"{sort.lstrip('-')} {direction}, random()" if "no-tie-break" in BUGS else order
        start = (page - 1) * limit + ("page-skips" in BUGS and page > 1)
        sql = f"FROM {kind.plural} WHERE {' AND '.join(where)}"
        counted = self.store.all(f"SELECT count(*) AS n {sql}", *values)[0]["n"] + ("total-wrong" in BUGS)
        shown = limit + ("limit-exceeded" in BUGS)
        if start >= counted and "past-end-404" in BUGS:
            raise Refused(404, "no such page")
        found = self.store.all(f"SELECT * {sql} ORDER BY {order} LIMIT ? OFFSET ?", *values, shown, start)
        meta = {"page": page, "limit": limit, "total": counted}
        return Said(200, {"data": [self.shown(kind, each) for each in found], "meta": meta})

    def by_cursor(self, kind: Kind, asked: Asked, where: list[str], values: list[Any], limit: int) -> Said:
        """By the place of the last row."""
        skip = 0
        if cursor := asked.query.get("cursor"):
            try:
                place = json.loads(base64.urlsafe_b64decode(cursor))
                moment, key = str(place[0]), str(place[1])
            except (ValueError, LookupError, TypeError):
                raise Refused(400, "no such cursor", "query.cursor") from None
            if "cursor-offset" in BUGS:
                skip = int(place[2])
            else:
                where = [*where, "(created_at < ? OR (created_at = ? AND id > ?))"]
                values = [*values, moment, moment, key]
        sql = f"SELECT * FROM {kind.plural} WHERE {' AND '.join(where)} ORDER BY created_at DESC, id LIMIT ? OFFSET ?"
        found = self.store.all(sql, *values, limit + 1, skip)
        page, following = found[:limit], None
        if len(found) > limit:
            last = [page[-1]["created_at"], page[-1]["id"], skip + limit]
            following = base64.urlsafe_b64encode(json.dumps(last).encode()).decode()
        meta = {"limit": limit, "next_cursor": following}
        return Said(200, {"data": self.embedded(kind, page), "meta": meta})

    def embedded(self, kind: Kind, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """With the parent's row in each."""
        keys = [row[f"{kind.parent}_id"] for row in rows]
        parent = KINDS[kind.parent]
        if "n-plus-one" in BUGS:
            found = [self.store.all(f"SELECT * FROM {parent.plural} WHERE id = ?", key)[0] for key in keys]
        else:
            marks = ", ".join("?" * len(keys))
            found = self.store.all(f"SELECT * FROM {parent.plural} WHERE id IN ({marks})", *keys)
        by_id = {each["id"]: self.shown(parent, each) for each in found}
        return [{**self.shown(kind, row), kind.parent: by_id.get(row[f"{kind.parent}_id"])} for row in rows]

    def shown(self, kind: Kind, row: dict[str, Any]) -> dict[str, Any]:
        """Without what nobody sees."""
        return {name: value for name, value in row.items() if name not in ("tenant_id", "deleted_at")}

    def typed(self, kind: Kind, name: str, value: str) -> Any:
        """A filter's value as its column has it."""
        if kind.fields[name].get("type") == "integer":
            if not value.lstrip("-").isdigit():
                raise Refused(422, "not a number", f"query.{name}")
            return int(value)
        return value

    def number(self, asked: Asked, name: str, default: int, most: int) -> int:
        """A number of the query."""
        value = asked.query.get(name, str(default))
        if not re.fullmatch(r"\d{1,9}", value) or int(value) < 1:
            raise Refused(422, "not valid", f"query.{name}")
        if int(value) > most and "no-cap" not in BUGS:
            raise Refused(422, "not valid", f"query.{name}")
        return int(value)
