"""What a developer got wrong in the blog, in Python and in TypeScript."""
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import dataclass

from backend.scaffold.stack import Stack
from benchmarks.mutants.record import Edit


@dataclass(frozen=True)
class Fault:
    """One mistake, as edits of each stack. ``caught_by`` is the check that is made for it: a law, or one of the fuzz."""

    id: str
    mistake: str
    python: tuple[Edit, ...]
    typescript: tuple[Edit, ...]
    caught_by: str

    def edits(self, stack: Stack) -> tuple[Edit, ...]:
        """Those of one stack."""
        return self.typescript if stack is Stack.TYPESCRIPT else self.python


FAULTS = (
    Fault(
        "page-off-by-one",
        "The first page begins with the second.",
        (
            Edit(
                "app/core/queries.py",
                '(bindparam("page", type_=Integer) - 1) * LIMIT',
                'bindparam("page", type_=Integer) * LIMIT',
            ),
        ),
        (Edit("src/core/pagination.ts", "return (page - 1) * limit;", "return page * limit;"),),
        "law.page-partition",
    ),
    Fault(
        "crash-on-long-text",
        "A title of over 100 characters makes the handler fail.",
        (
            Edit(
                "app/posts/service.py",
                "    now = utcnow()\n    values = data",
                '    if len(data.title) > 100:\n        raise RuntimeError("too long")\n    now = utcnow()\n    values = data',
            ),
        ),
        (
            Edit(
                "src/posts/service.ts",
                "  const at = now();\n",
                '  if (data.title.length > 100) throw new Error("too long");\n  const at = now();\n',
            ),
        ),
        "fuzz.server-error",
    ),
    Fault(
        "wrong-allow",
        "405 names PUT, which no path takes.",
        (
            Edit(
                "app/core/error_responses.py",
                'headers["Allow"] = ", ".join(_allowed(request))',
                'headers["Allow"] = "GET, PUT"',
            ),
        ),
        (Edit("src/core/errors.ts", 'Allow: allowed.join(", ")', 'Allow: allowed.length > 0 ? "GET, PUT" : ""'),),
        "law.allow-complete",
    ),
    Fault(
        "missing-validation",
        "The contract bounds the names of tags, the code no longer does.",
        (
            Edit(
                "app/tags/schemas.py",
                "    name: Name\n\n\nclass TagRead",
                '    name: Annotated[str, Field(json_schema_extra={"maxLength": 40, "pattern": "^[a-z0-9]+(?:-[a-z0-9]+)*$"})]\n\n\nclass TagRead',
            ),
        ),
        (
            Edit(
                "src/tags/schemas.ts",
                "  name: values.slug(0, 40),",
                '  name: z.string().openapi({ maxLength: 40, pattern: "^[a-z0-9]+(?:-[a-z0-9]+)*$" }),',
            ),
        ),
        "fuzz.accepted-invalid",
    ),
    Fault(
        "delete-does-nothing",
        "Deleting a post answers 204 and leaves it.",
        (
            Edit(
                "app/posts/service.py",
                "    await connection.execute(delete(Post).where(Post.id == post_id))",
                "    delete(Post).where(Post.id == post_id)",
            ),
        ),
        (Edit("src/posts/service.ts", "  await connection.delete(posts).where(eq(posts.id, postId));\n", ""),),
        "law.delete-effective",
    ),
    Fault(
        "etag-ignored",
        "If-None-Match is not looked at.",
        (
            Edit(
                "app/core/conditional.py",
                "    if value is None:\n        return False\n    if value == etag:\n        return True\n",
                "    if value is not None or value is None:\n        return False\n",
            ),
        ),
        (
            Edit(
                "src/core/conditional.ts",
                "  if (value === undefined) return false;\n  const tags = value === etag",
                "  if (value !== etag + etag) return false;\n  const tags = value === etag",
            ),
        ),
        "law.etag-not-modified",
    ),
    Fault(
        "replay-doubles",
        "A repeated Idempotency-Key makes another row.",
        (
            Edit(
                "app/core/idempotency.py",
                "        if first is not None:  # else it has just been purged\n            return first, True\n",
                "        if first is not None:\n            break\n",
            ),
        ),
        (
            Edit(
                "src/core/idempotency.ts",
                "    if (first !== null) return { answer: first, replayed: true }; // else it has just been purged\n",
                "    if (first !== null) break;\n",
            ),
        ),
        "law.idempotent-replay",
    ),
    Fault(
        "page-past-the-end-fails",
        "A page behind the last is a fault of the server.",
        (
            Edit(
                "app/tags/service.py",
                "    total = await database.fetch_value(queries.COUNT)\n",
                "    total = await database.fetch_value(queries.COUNT)\n    assert rows or query.page == 1\n",
            ),
        ),
        (
            Edit(
                "src/tags/queries.ts",
                "    return { rows, total: found?.total ?? 0 };",
                '    if (rows.length === 0 && query.page > 1) throw new Error("no such page");\n    return { rows, total: found?.total ?? 0 };',
            ),
        ),
        "law.limit-honoured",
    ),
    Fault(
        "child-of-another-parent",
        "The posts of one user are those of all.",
        (
            Edit(
                "app/posts/queries.py",
                '"within_user": Post.user_id == bindparam("within_user")',
                '"within_user": bindparam("within_user", type_=Post.user_id.type).is_not(None)',
            ),
        ),
        (Edit("src/posts/queries.ts", "    equals(posts.user_id, within.user_id),\n", ""),),
        "law.child-scoped",
    ),
    Fault(
        "limit-ignored",
        "Pages have a hundred rows, whatever was asked for.",
        (
            Edit(
                "app/core/queries.py",
                'LIMIT = bindparam("limit", type_=Integer)',
                'LIMIT = bindparam("limit", type_=Integer) * 0 + 100',
            ),
        ),
        (Edit("src/tags/queries.ts", "      .limit(query.limit)\n", "      .limit(100)\n"),),
        "law.limit-honoured",
    ),
    Fault(
        "filter-ignored",
        "Asking for one status gives all.",
        (
            Edit(
                "app/posts/queries.py",
                '"status": Post.status == bindparam("status")',
                '"status": bindparam("status", type_=Post.status.type).is_not(None)',
            ),
        ),
        (Edit("src/posts/queries.ts", "    equals(posts.status, query.status),\n", ""),),
        "law.filter-sound",
    ),
    Fault(
        "sort-ignored",
        "The order that was asked for is that of the default.",
        (Edit("app/tags/queries.py", '"name": (Tag.name, Tag.id)', '"name": (Tag.created_at, Tag.id)'),),
        (
            Edit(
                "src/tags/queries.ts",
                "  name: [asc(tags.name), asc(tags.id)],",
                "  name: [asc(tags.created_at), asc(tags.id)],",
            ),
        ),
        "law.sort-ordered",
    ),
)
