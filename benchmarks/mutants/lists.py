"""Bugs in what lists show, in which order and on which page."""

from __future__ import annotations

from benchmarks.mutants.record import Edit, Mutant

MUTANTS = (
    Mutant(
        "nested-not-scoped",
        "nested list not restricted to its parent",
        "The stock of one product shows that of all: the parent is checked and then forgotten.",
        (
            Edit(
                "app/stock_levels/queries.py",
                'StockLevel.product_id == bindparam("within_product")',
                'bindparam("within_product", type_=StockLevel.product_id.type).is_not(None)',
            ),
        ),
        ("law.child-scoped",),
        ("stock_level",),
    ),
    Mutant(
        "deleted-still-listed",
        "soft-deleted rows shown",
        "The list of reviews forgot that deleted rows are still in the table.",
        (
            Edit(
                "app/reviews/queries.py",
                ".where(*VISIBLE, *(FILTERS[name] for name in sorted(filters)))",
                ".where(VISIBLE[0], *(FILTERS[name] for name in sorted(filters)))",
            ),
        ),
        ("law.delete-effective",),
        ("review",),
    ),
    Mutant(
        "page-off-by-one",
        "page off by one",
        "The first page begins with the second: rows are skipped by the page and not by the page before.",
        (
            Edit(
                "app/core/queries.py",
                'OFFSET = (bindparam("page", type_=Integer) - 1) * LIMIT',
                'OFFSET = bindparam("page", type_=Integer) * LIMIT',
            ),
        ),
        ("law.page-partition",),
        ("tag",),
    ),
    Mutant(
        "cursor-skips",
        "cursor skips a row",
        "The cursor is that of the row after the page, which the next page then leaves out.",
        (Edit("app/core/pagination.py", "Cursor.of(rows[limit - 1])", "Cursor.of(rows[limit])"),),
        ("law.page-partition",),
        ("order",),
    ),
    Mutant(
        "cursor-without-tie-break",
        "cursor without a tie-break",
        "The cursor compares days alone, so the other rows of the same day are lost between pages.",
        (
            Edit(
                "app/reviews/queries.py",
                'tuple_(Review.created_at, Review.id)\n    < tuple_(bindparam("created_at", type_=UtcDateTime), '
                'bindparam("id", type_=Uuid))',
                'func.date(Review.created_at) < func.date(bindparam("created_at", type_=UtcDateTime))',
            ),
            Edit(
                "app/reviews/queries.py",
                "from sqlalchemy import Uuid, bindparam,",
                "from sqlalchemy import Uuid, bindparam, func,",
            ),
        ),
        ("law.page-partition",),
        ("review",),
    ),
    Mutant(
        "total-of-all",
        "wrong total",
        "The total of a list counts the rows without its filters.",
        (
            Edit(
                "app/products/service.py",
                "database.fetch_value(queries.count(filters), **where)",
                "database.fetch_value(queries.count(frozenset()), **where)",
            ),
        ),
        ("law.filter-sound",),
        ("product",),
    ),
    Mutant(
        "sort-ignored",
        "wrong order",
        "Sorting by position sorts by name.",
        (
            Edit(
                "app/categories/queries.py",
                '"position": (Category.position, Category.id)',
                '"position": (Category.name, Category.id)',
            ),
        ),
        ("law.sort-ordered",),
        ("category",),
    ),
    Mutant(
        "sort-unstable",
        "order without a tie-break",
        "Rows of equal quantity come in whatever order, another one on each page.",
        (
            Edit(
                "app/stock_levels/queries.py",
                '"quantity": (StockLevel.quantity, StockLevel.id)',
                '"quantity": (StockLevel.quantity, func.random())',
            ),
        ),
        ("law.sort-ordered",),
        ("stock_level",),
    ),
    Mutant(
        "search-case-sensitive",
        "search case-sensitive",
        "Searching customers finds only what is written in the same case.",
        (
            Edit(
                "app/customers/queries.py",
                'Customer.name.ilike(bindparam("q"), escape="\\\\")',
                'func.instr(Customer.name, func.trim(bindparam("q"), "%")) > 0',
            ),
        ),
        ("law.search-sound",),
        ("customer",),
    ),
    Mutant(
        "search-wildcards",
        "wildcards of a search not escaped",
        "A search for 100% finds everything that begins with 100.",
        (Edit("app/core/pagination.py", "text.translate(ESCAPED)", "text"),),
        ("law.search-sound",),
        ("product",),
    ),
    Mutant(
        "filter-ignored",
        "filter ignored",
        "Filtering warehouses by active shows all of them.",
        (
            Edit(
                "app/warehouses/queries.py",
                'Warehouse.active == bindparam("active")',
                'bindparam("active", type_=Warehouse.active.type).is_not(None)',
            ),
        ),
        ("law.filter-sound",),
        ("warehouse",),
    ),
    Mutant(
        "limit-unbounded",
        "unbounded limit",
        "A client may ask for a million orders at once: the upper bound of limit was dropped.",
        (
            Edit(
                "app/orders/schemas.py",
                "limit: Annotated[int, Field(ge=1, le=100)]",
                "limit: Annotated[int, Field(ge=1)]",
            ),
        ),
        ("law.limit-honoured",),
        ("order",),
    ),
)
