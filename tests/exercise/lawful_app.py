"""A small backend that keeps every law, in nothing but the standard library so that it starts at once.

``LAWFUL_BUGS`` names the faults to plant, parted by commas; ``LAWFUL_RATE`` is the quota of a minute, 0 for none.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import sqlite3
import time
import uuid
from typing import Any
from urllib.parse import parse_qsl

from lawful_http import BUGS, CODES, RATE, SECRET, SECURITY, Asked, Refused, Said
from lawful_lists import Lists
from lawful_openapi import MOST, openapi
from lawful_store import KINDS, Kind


class App(Lists):
    """The ASGI application."""

    def __init__(self) -> None:
        super().__init__()
        self.once: dict[tuple[str, str, str], tuple[str, Said]] = {}
        self.lists: dict[str, Any] = {}
        self.used: dict[str, int] = {}

    def openapi(self) -> dict[str, Any]:
        """The contract."""
        return openapi()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        raw = (await receive())["body"]
        said = await self.answer(Asked(scope["method"], scope["path"], query, headers, raw))
        body = b"" if said.body is None else json.dumps(said.body).encode()
        if body and said.status < 300 and "etag" not in said.headers:
            shown = said.body if "etag-constant" not in BUGS else ""
            said.headers["etag"] = f'"{hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]}"'
        seen = headers.get("if-none-match", "")
        tag = said.headers.get("etag", "-")
        known = seen == "*" or tag in [each.strip().removeprefix("W/") for each in seen.split(",")]
        if known and scope["method"] == "GET" and said.status == 200 and "no-304" not in BUGS:
            said.status, body = 304, (body if "body-on-304" in BUGS else b"")
        sent = {"content-type": "application/json", **self.security(said), **said.headers}
        pairs = [(name.lower().encode(), value.encode()) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": said.status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})

    def security(self, said: Said) -> dict[str, str]:
        """The headers of every answer."""
        return {} if "no-security-headers" in BUGS and said.status == 404 else SECURITY

    async def answer(self, asked: Asked) -> Said:
        """What is said; errors in the envelope."""
        limits: dict[str, str] = {}
        try:
            self.identify(asked)
            limits = self.limited(asked)
            said = await self.route(asked)
        except Refused as error:
            body: Any = {"code": error.code, "message": error.message, "details": error.details}
            whole = {"detail": error.message} if f"bare-{error.status}" in BUGS else {"error": body}
            said = Said(error.status, whole, {"cache-control": "no-store", **error.headers})
        except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
            message = str(error) if "leak" in BUGS else "Something went wrong"
            said = Said(500, {"error": {"code": CODES[500], "message": message, "details": []}})
        said.headers = {**limits, **said.headers}
        if "errors-stored" in BUGS and said.status >= 400:
            said.headers["cache-control"] = "public, max-age=60"
        return said

    def identify(self, asked: Asked) -> None:
        """The caller, by the token."""
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if not token:
            return
        head, _, signature = token.rpartition(".")
        good = hmac.new(SECRET.encode(), head.encode(), hashlib.sha256).digest()
        if base64.urlsafe_b64encode(good).rstrip(b"=").decode() != signature:
            raise Refused(401, "the token is not valid", WWW_Authenticate="Bearer")
        part = head.partition(".")[2]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        asked.subject, asked.tenant, asked.roles = claims["sub"], claims["tenant_id"], tuple(claims["roles"])

    def limited(self, asked: Asked) -> dict[str, str]:
        """Count the request."""
        if not RATE:
            return {}
        key = f"{asked.subject} {int(time.monotonic()) // 3600}"
        self.used[key] = self.used.get(key, 0) + 1
        left = max(0, RATE - self.used[key])
        shown = RATE if "rate-lies" in BUGS else left
        found = {"RateLimit-Policy": f'"default";q={RATE};w=3600', "RateLimit": f'"default";r={shown};t=3600'}
        if self.used[key] > RATE and "rate-unlimited" not in BUGS:
            again = {} if "no-retry-after" in BUGS else {"Retry_After": "3600"}
            raise Refused(429, "too many requests", **again, **found)
        return found

    async def route(self, asked: Asked) -> Said:
        """Find the operation and do it."""
        parts = asked.path.removeprefix("/api/v1/").split("/")
        kind = next((each for each in KINDS.values() if each.plural == parts[0]), None)
        if kind is None or not asked.path.startswith("/api/v1/") or len(parts) > 4 or "" in parts:
            raise Refused(404, "no such path")
        if len(parts) == 1:
            return await self.collection(kind, asked, None)
        if len(parts) == 2:
            return await self.item(kind, self.key(parts[1], f"path.{kind.name}_id"), asked)
        child = next((each for each in KINDS.values() if each.plural == parts[2] and each.parent == kind.name), None)
        if child is not None and len(parts) == 3:
            parent = self.key(parts[1], f"path.{kind.name}_id")
            self.allowed(asked, "GET", "POST")
            if "parent-unknown-ok" not in BUGS:
                self.row(kind, parent, asked)
            return await self.collection(child, asked, parent)
        if parts[2] not in kind.links:
            raise Refused(404, "no such path")
        other = self.key(parts[3], f"path.{kind.links[parts[2]]}_id") if len(parts) == 4 else ""
        return await self.linked(kind, self.key(parts[1], f"path.{kind.name}_id"), parts[2], other, asked)

    async def collection(self, kind: Kind, asked: Asked, parent: str | None) -> Said:
        """List or create."""
        self.allowed(asked, "GET", "POST")
        if asked.method == "GET":
            self.let_in(kind, "list", asked)
            return self.cached(kind, asked, lambda: self.listed(kind, asked, parent))
        self.let_in(kind, "create", asked)
        key = asked.headers.get("idempotency-key", "")
        if not key and kind.once == "required" and "key-optional" not in BUGS:
            raise Refused(400, "an Idempotency-Key is needed", code="IDEMPOTENCY_KEY_REQUIRED")
        place = ("" if "keys-shared" in BUGS else asked.subject, asked.path, key)
        if key and place in self.once and "not-idempotent" not in BUGS:
            body, said = self.once[place]
            if body != asked.raw.decode() and "mismatch-accepted" not in BUGS:
                raise Refused(422, "another body", code="IDEMPOTENCY_MISMATCH")
            return Said(said.status, said.body, {**said.headers, "Idempotency-Replayed": "true"})
        if "double-submit" in BUGS or "unique-race" in BUGS:
            await asyncio.sleep(0)
        said = await self.create(kind, asked, parent)
        if key:
            self.once[place] = (asked.raw.decode(), said)
        return said

    async def create(self, kind: Kind, asked: Asked, parent: str | None) -> Said:
        """Make a row."""
        given = asked.body()
        fixed = {f"{kind.parent}_id": parent} if parent is not None else {}
        values = self.valid(kind, given, asked, whole=True, fixed=fixed)
        if kind.tenant:
            values["tenant_id"] = asked.tenant
        if kind.owned:
            values.setdefault("owner_id", asked.subject)
        if kind.versioned:
            values["version"] = 1
        if kind.myself:
            values["id"] = asked.subject
        values = {"status": "draft", **values} if "status" in kind.fields else values
        if kind.unique and "unique-race" in BUGS:
            taken = self.store.one(f"SELECT id FROM {kind.plural} WHERE {kind.unique} = ?", values[kind.unique])
            await asyncio.sleep(0)
            if taken:
                raise Refused(409, "taken", f"body.{kind.unique}")
            made = self.store.insert(kind, values)  # which raises: 500
        else:
            if kind.parent and "orphans" in BUGS:
                await asyncio.sleep(0)
            try:
                made = self.store.insert(kind, values)
            except sqlite3.IntegrityError as error:
                raise Refused(409, str(error) if "leak" in BUGS else "taken", f"body.{kind.unique}") from None
        self.event(kind, "created", made["id"])
        if "stale-creates" not in BUGS:
            self.lists.clear()
        place = f"/api/v1/{kind.plural}/{made['id'] if 'location-wrong' not in BUGS else uuid.uuid4()}"
        return Said(201, {"data": self.shown(kind, made), "meta": {}}, {"Location": place})

    async def item(self, kind: Kind, key: str, asked: Asked) -> Said:
        """Read, change or delete one row."""
        self.allowed(asked, "GET", "PATCH", "DELETE")
        if asked.method == "GET":
            self.let_in(kind, "get", asked)
            return self.cached(kind, asked, lambda: self.read(kind, key, asked))
        name = "update" if asked.method == "PATCH" else "delete"
        self.let_in(kind, name, asked)
        row = self.row(kind, key, asked, changing=name)
        version = self.expected(kind, asked)
        if asked.method == "DELETE":
            return self.delete(kind, row, version)
        values = self.valid(kind, asked.body(), asked, whole=False)
        if not values:
            return Said(200, {"data": self.shown(kind, row), "meta": {}}, self.tag(kind, row))
        if "lost-update" in BUGS or "lost-fields" in BUGS:
            if version is not None and row["version"] != version:
                raise Refused(412, "changed meanwhile")
            await asyncio.sleep(0)
            version = None
        if "lost-fields" in BUGS:
            values = {**{name: row[name] for name in kind.fields}, **values}
        try:
            changed = "update-ignored" in BUGS or self.store.update(kind, key, values, version)
        except sqlite3.IntegrityError:
            raise Refused(409, "taken", f"body.{kind.unique}") from None
        if not changed:
            raise Refused(412, "changed meanwhile")
        if "no-event-on-update" not in BUGS:
            self.event(kind, "updated", key)
        if "stale-lists" not in BUGS:
            self.lists.clear()
        new = self.row(kind, key, asked) if "update-ignored" not in BUGS else {**row, **values}
        return Said(200, {"data": self.shown(kind, new), "meta": {}}, self.tag(kind, new))

    def read(self, kind: Kind, key: str, asked: Asked) -> Said:
        """One row."""
        row = self.row(kind, key, asked)
        if "get-writes" in BUGS and not kind.versioned:
            self.store.update(kind, key, {}, None)
        return Said(200, {"data": self.shown(kind, row), "meta": {}}, self.tag(kind, row))

    def delete(self, kind: Kind, row: dict[str, Any], version: int | None) -> Said:
        """Mark or remove one row."""
        if version is not None and row["version"] != version and "delete-unconditional" not in BUGS:
            raise Refused(412, "changed meanwhile")
        used = "SELECT 1 FROM articles WHERE author_id = ? AND deleted_at IS NULL"
        if kind.name == "author" and "orphans" not in BUGS and self.store.one(used, row["id"]):
            raise Refused(409, "referenced")
        if "delete-forgotten" not in BUGS:
            free = f", {kind.unique} = id" if kind.unique else ", id = hex(randomblob(8))" if kind.myself else ""
            self.store.all(f"UPDATE {kind.plural} SET deleted_at = 1{free} WHERE id = ?", row["id"])
            self.store.all(f"DELETE FROM article_labels WHERE {kind.name}_id = ?", row["id"]) if kind.name in (
                "article",
                "label",
            ) else None
        self.event(kind, "deleted", row["id"])
        self.lists.clear()
        return Said(204)

    async def linked(self, kind: Kind, key: str, relation: str, other: str, asked: Asked) -> Said:
        """List, link or unlink."""
        self.allowed(asked, *(["PUT", "DELETE"] if other else ["GET"]))
        far = KINDS[kind.links[relation]]
        self.let_in(kind, "update" if other else "get", asked)
        self.row(kind, key, asked, changing="update" if other else "")
        if not other:
            limit, page = self.number(asked, "limit", 20, MOST), self.number(asked, "page", 1, 10**9)
            sql = f"FROM {far.plural} JOIN article_labels ON {far.name}_id = id WHERE article_id = ?"
            total = self.store.all(f"SELECT count(*) AS n {sql}", key)[0]["n"]
            select = f"SELECT {far.plural}.* {sql} ORDER BY name, id LIMIT ? OFFSET ?"
            rows = [self.shown(far, each) for each in self.store.all(select, key, limit, (page - 1) * limit)]
            return Said(200, {"data": rows, "meta": {"page": page, "limit": limit, "total": total}})
        self.row(far, other, asked)
        if "link-race" in BUGS:
            before = self.store.one("SELECT 1 FROM article_labels WHERE article_id = ? AND label_id = ?", key, other)
            await asyncio.sleep(0)
            if not before and asked.method == "PUT":
                self.store.all("INSERT INTO article_labels VALUES (?, ?)", key, other)
        elif asked.method == "PUT":
            self.store.all("INSERT OR IGNORE INTO article_labels VALUES (?, ?)", key, other)
        if asked.method == "DELETE" and "unlink-forgotten" not in BUGS:
            self.store.all("DELETE FROM article_labels WHERE article_id = ? AND label_id = ?", key, other)
        self.lists.clear()
        return Said(204)

    def cached(self, kind: Kind, asked: Asked, make: Any) -> Said:
        """From memory where the kind is kept there; with what may be stored elsewhere."""
        place = f"{asked.path} {sorted(asked.query.items())}"
        if kind.max_age and place in self.lists:
            said = Said(200, self.lists[place])
        else:
            said = make()
            if kind.max_age:
                self.lists[place] = said.body
        public = (kind.max_age and "public" in kind.access["list"]) or "public-cache" in BUGS
        said.headers["cache-control"] = f"public, max-age={kind.max_age}" if public else "private, no-cache"
        return said

    def allowed(self, asked: Asked, *methods: str) -> None:
        """Only these methods."""
        if asked.method not in methods:
            shown = methods[:1] if "allow-short" in BUGS else methods
            raise Refused(405, "not allowed", Allow=", ".join(shown))

    def let_in(self, kind: Kind, name: str, asked: Asked) -> None:
        """Whether any rule lets the caller in, whatever the row."""
        rules = kind.access.get(name, ("authenticated",))
        if "public" in rules:
            return
        if not asked.subject and "anonymous-writes" not in BUGS:
            raise Refused(401, "a token is needed", WWW_Authenticate="Bearer")
        by_role = {f"role:{role}" for role in asked.roles} & set(rules)
        if not by_role and {"authenticated", "tenant", "owner"}.isdisjoint(rules) and "no-role-check" not in BUGS:
            raise Refused(403, "not for you")

    def row(self, kind: Kind, key: str, asked: Asked, changing: str = "") -> dict[str, Any]:
        """The row, if the caller may see it (and change it)."""
        found = self.store.one(f"SELECT * FROM {kind.plural} WHERE id = ? AND deleted_at IS NULL", key)
        if found is None or (kind.tenant and found["tenant_id"] != asked.tenant and "tenant-open" not in BUGS):
            raise Refused(404, "no such row")
        rules = kind.access.get(changing, ("authenticated",)) if changing else ()
        by_role = {f"role:{role}" for role in asked.roles} & set(rules)
        mine = "owner" not in rules or found["id" if kind.myself else "owner_id"] == asked.subject
        if not mine and not by_role and "no-owner-check" not in BUGS:
            raise Refused(403, "not your row")
        return found

    def valid(
        self, kind: Kind, given: dict[str, Any], asked: Asked, *, whole: bool, fixed: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The values of a body, each after its schema."""
        values = {**given, **(fixed or {})}
        accepted = {"owner_id", "points", "created_at"} if "mass-assignment" in BUGS else set()
        for name, value in given.items():
            if name in accepted and name in kind.columns:
                continue
            schema = kind.fields.get(name)
            if schema is None or name in (fixed or {}):
                raise Refused(422, "unknown key", f"body.{name}")
            if not _fits(schema, value):
                raise Refused(422, "not valid", f"body.{name}")
        missing = [name for name in kind.fields if name not in values and name not in kind.optional]
        if whole and missing:
            raise Refused(422, "missing", f"body.{missing[0]}")
        parent = values.get(f"{kind.parent}_id")
        sql = f"SELECT id FROM {kind.parent}s WHERE id = ? AND deleted_at IS NULL"
        if kind.parent and parent is not None and not self.store.one(sql, parent):
            raise Refused(422, "no such row", f"body.{kind.parent}_id")
        return values

    def expected(self, kind: Kind, asked: Asked) -> int | None:
        """The version that the caller has seen."""
        if not kind.versioned or "no-precondition" in BUGS:
            return None
        match = asked.headers.get("if-match")
        if match is None and "match-optional" not in BUGS:
            raise Refused(428, "If-Match is needed")
        if match in ("*", None):
            return None
        found = re.fullmatch(r'"(\d+)"', match or "")
        return int(found[1]) if found else -1

    def tag(self, kind: Kind, row: dict[str, Any]) -> dict[str, str]:
        """The ETag of a row that counts its versions."""
        return {"etag": f'"{row["version"]}"'} if kind.versioned else {}

    def event(self, kind: Kind, what: str, key: str) -> None:
        """Note what happened."""
        if kind.name == "article":
            self.store.all("INSERT INTO outbox_events VALUES (?, ?, ?)", str(uuid.uuid4()), f"article.{what}", key)

    def key(self, text: str, place: str) -> str:
        """An id."""
        try:
            return str(uuid.UUID(text))
        except ValueError:
            raise Refused(422, "no UUID", place) from None


def _fits(schema: dict[str, Any], value: Any) -> bool:
    if schema["type"] == "integer":
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and schema["minimum"] <= value <= schema["maximum"]
    if not isinstance(value, str) or "\x00" in value:
        return False
    if schema.get("format") == "uuid":
        return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value) is not None
    if "enum" in schema:
        return value in schema["enum"]
    return bool(schema["minLength"] <= len(value) <= schema["maxLength"])


def create_app() -> App:
    """The application with a database of its own."""
    return App()
