"""Bugs that let somebody see or change what is another's."""

from __future__ import annotations

from benchmarks.mutants.record import Edit, Mutant

MUTANTS = (
    Mutant(
        "tenant-filter-missing",
        "missing tenant filter",
        "The condition on the tenant was forgotten for categories, so every shop sees the shelves of all.",
        (
            Edit(
                "app/categories/queries.py",
                'VISIBLE = (Category.tenant_id == bindparam("tenant_id"),)',
                "VISIBLE = ()",
            ),
        ),
        ("law.tenant-isolated", "access.matrix"),
        ("category",),
    ),
    Mutant(
        "owner-filter-missing",
        "list not restricted to the owner",
        "The list of orders forgot that customers see only their own.",
        (Edit("app/orders/service.py", 'if not caller.has_role("staff"):', "if False:"),),
        ("access.matrix",),
        ("order",),
    ),
    Mutant(
        "owner-unchecked-on-update",
        "owner check missing in an update",
        "Any member of the shop may change the reviews of others.",
        (
            Edit(
                "app/reviews/service.py",
                "    if not may_update(caller, row):\n        raise ForbiddenError\n",
                "",
            ),
        ),
        ("access.matrix",),
        ("review",),
    ),
    Mutant(
        "role-forgotten",
        "missing role check",
        "Anybody who is signed in may delete tags, because the check of the role was left out.",
        (
            Edit(
                "app/tags/service.py",
                '    await _locked(connection, caller, tag_id)\n    caller.require_role("staff")\n',
                "    await _locked(connection, caller, tag_id)\n",
            ),
        ),
        ("access.matrix",),
        ("tag",),
    ),
    Mutant(
        "foreign-reference",
        "another tenant's reference accepted",
        "Whether a category exists is looked up in all shops, so a product can stand on another shop's shelf.",
        (
            Edit(
                "app/categories/queries.py",
                'REFERENCE = select(Category.id).where(Category.id == bindparam("id"), *VISIBLE)',
                'REFERENCE = select(Category.id).where(Category.id == bindparam("id"))',
            ),
        ),
        ("law.tenant-isolated",),
        ("category", "product"),
    ),
    Mutant(
        "mass-assignment",
        "mass assignment",
        "The owner of an order line is taken from the body where it names one.",
        (
            Edit(
                "app/order_lines/schemas.py",
                "class OrderOrderLineCreate(BaseModel):",
                "class OrderOrderLineCreate(BaseModel):\n    owner_id: UUID | None = None\n",
            ),
            Edit(
                "app/order_lines/service.py",
                '"owner_id": caller.id,\n        "order_id"',
                '"owner_id": data.owner_id or caller.id,\n        "order_id"',
            ),
        ),
        ("law.mass-assignment",),
        ("order_line",),
    ),
    Mutant(
        "read-only-accepted",
        "read-only field writable",
        "Customers give themselves loyalty points: the field slipped into the update.",
        (
            Edit(
                "app/customers/schemas.py",
                "class CustomerUpdate(TypedDict, total=False):",
                "class CustomerUpdate(TypedDict, total=False):\n    loyalty_points: int\n",
            ),
        ),
        ("law.mass-assignment",),
        ("customer",),
    ),
)
