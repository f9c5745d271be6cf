"""Rows of the library, and those who ask for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from graphql_twin import Twin
from rendered_rows import Rows, User


@dataclass
class Library:
    """What is in it, by resource, and the callers."""

    tenant: UUID = field(default_factory=uuid4)
    elsewhere: UUID = field(default_factory=uuid4)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.owner, self.other = User(tenant=self.tenant), User(tenant=self.tenant)
        self.librarian = User(tenant=self.tenant, roles=("librarian",))
        self.stranger, self.homeless, self.anonymous = User(tenant=self.elsewhere), User(), User(anonymous=True)

    @property
    def callers(self) -> dict[str, User]:
        names = ("owner", "other", "librarian", "stranger", "homeless", "anonymous")
        return {name: getattr(self, name) for name in names}


async def filled(twin: Twin, books: int = 5, loans: int = 5) -> Library:
    """A library with rows of everything, owned by two members, and one book in another tenant."""
    library, rows = Library(), Rows(twin.backend)

    async def make(name: str, user: User, **given: Any) -> dict[str, Any]:
        row = await rows.make(name, user, **given)
        library.rows.setdefault(name, []).append(row)
        return row

    for user in (library.owner, library.other, library.stranger):
        await make("member", user)
    subjects = [await make("subject", library.librarian) for _ in range(4)]
    first = await make("book", library.librarian)
    for number in range(1, books):
        await make("book", library.librarian, **({"series_id": first["id"]} if number % 2 else {}))
    for number, book in enumerate(library.rows["book"]):
        for subject in subjects[: number % 5]:
            await twin.rest("PUT", f"/books/{book['id']}/subjects/{subject['id']}", library.librarian)
    for number in range(loans):
        user = library.other if number % 3 == 2 else library.owner
        loan = await make("loan", user, book_id=library.rows["book"][number % books]["id"])
        for _ in range(number % 4):
            await make("remark", user, loan_id=loan["id"])
    await make("book", User(tenant=library.elsewhere, roles=("librarian",)))
    gone = await make("book", library.librarian)
    await twin.rest("DELETE", f"/books/{gone['id']}", library.librarian, headers={"If-Match": '"1"'})
    return library


def unknown() -> str:
    """An identifier of no row."""
    return str(UUID(int=7))
