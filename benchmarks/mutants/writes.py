"""Bugs in what writes leave behind."""

from __future__ import annotations

from benchmarks.mutants.record import Edit, Mutant

MUTANTS = (
    Mutant(
        "lost-update",
        "lost update",
        "The version is compared before the row is locked, so of two clients with the same version both succeed.",
        (
            Edit(
                "app/products/queries.py",
                'LOCK = select(*COLUMNS).where(Product.id == bindparam("id"), *VISIBLE).with_for_update()',
                'LOCK = select(*COLUMNS).where(Product.id == bindparam("id"), *VISIBLE)',
            ),
        ),
        ("race.lost-update",),
        ("product",),
        engine="postgres",
    ),
    Mutant(
        "if-match-ignored",
        "If-Match ignored",
        "A change by an old version of a stock level goes through, because the header is asked for and not compared.",
        (
            Edit(
                "app/stock_levels/service.py",
                '    require_match(if_match, etag_of_version(row["version"]))\n    if not changes:',
                "    if not changes:",
            ),
        ),
        ("law.etag-precondition",),
        ("stock_level",),
    ),
    Mutant(
        "version-not-raised",
        "ETag of the old version after an update",
        "An update leaves the version as it is, so caches take the old order for the new one.",
        (
            Edit(
                "app/orders/service.py",
                '{**changes, "version": row["version"] + 1, "updated_at": utcnow()}',
                '{**changes, "updated_at": utcnow()}',
            ),
        ),
        ("law.etag-changes", "law.etag-precondition"),
        ("order",),
    ),
    Mutant(
        "if-none-match-ignored",
        "If-None-Match ignored",
        "Reads always send the whole body, whatever the client has already.",
        (
            Edit(
                "app/core/responses.py",
                'if if_none_match(request.headers.get("if-none-match"), etag):',
                "if if_none_match(None, etag):",
            ),
        ),
        ("law.etag-not-modified",),
        ("warehouse",),
    ),
    Mutant(
        "cache-not-invalidated",
        "cache not invalidated",
        "A change of a category leaves its cached answers as they are.",
        (
            Edit(
                "app/categories/routes.py",
                "service.update_category(connection, caller, category_id, changes)\n    )\n"
                '    await services(request).cache.invalidate("categories", "products")\n',
                "service.update_category(connection, caller, category_id, changes)\n    )\n",
            ),
        ),
        ("law.cache-coherent",),
        ("category",),
    ),
    Mutant(
        "embedded-not-invalidated",
        "cache of an embedding list not invalidated",
        "A renamed category keeps its old name in the cached list of products.",
        (
            Edit(
                "app/categories/routes.py",
                "service.update_category(connection, caller, category_id, changes)\n    )\n"
                '    await services(request).cache.invalidate("categories", "products")\n',
                "service.update_category(connection, caller, category_id, changes)\n    )\n"
                '    await services(request).cache.invalidate("categories")\n',
            ),
        ),
        ("law.cache-coherent",),
        ("category", "product"),
    ),
    Mutant(
        "retry-creates-twice",
        "non-idempotent retry",
        "The key of a retried order is read and not used, so the order is placed twice.",
        (
            Edit(
                "app/core/writing.py",
                "    if key is None:\n        return await created(",
                "    if key is None or key:\n        return await created(",
            ),
        ),
        ("law.idempotent-replay",),
        ("order",),
    ),
    Mutant(
        "key-shared-by-callers",
        "idempotency key not scoped by caller",
        "Two customers who happen to use the same key get each other's order.",
        (
            Edit(
                "app/core/writing.py",
                " if caller else request.state.address,",
                ' if not caller else "anybody",',
            ),
        ),
        ("law.idempotent-replay",),
        ("order_line",),
    ),
    Mutant(
        "event-forgotten",
        "event not written",
        "A deleted product tells nobody.",
        (
            Edit(
                "app/products/service.py",
                '    await emit_change(connection, "product.deleted", row, tenant_id=caller.tenant)\n',
                "",
            ),
        ),
        ("law.event-emitted",),
        ("product",),
    ),
    Mutant(
        "event-after-commit",
        "event lost on crash",
        "The event of a changed product is written in a transaction of its own, after the change was committed.",
        (
            Edit(
                "app/products/service.py",
                '    await emit_change(connection, "product.updated", row, tenant_id=caller.tenant)\n',
                "",
            ),
            Edit(
                "app/products/routes.py",
                "service.update_product(connection, caller, product_id, changes, if_match)\n    )\n",
                "service.update_product(connection, caller, product_id, changes, if_match)\n    )\n"
                "    await services(request).database.write(\n"
                '        lambda connection: emit_change(connection, "product.updated", row, tenant_id=caller.tenant)\n'
                "    )\n",
            ),
            Edit(
                "app/products/routes.py",
                "from app.core.pagination import PageQuery\n",
                "from app.core.events.changes import emit_change\nfrom app.core.pagination import PageQuery\n",
            ),
        ),
        ("crash.event-lost",),
        ("product",),
    ),
    Mutant(
        "link-not-idempotent",
        "link not idempotent",
        "Adding a tag that a product has already is a conflict instead of nothing new.",
        (
            Edit(
                "app/products/service.py",
                "(connection, linked) is None:\n",
                "(connection, linked) is not None:\n"
                '        raise ConflictError("It has this tag already")\n'
                "    else:\n",
            ),
        ),
        ("law.link-effective",),
        ("product",),
    ),
    Mutant(
        "get-writes",
        "GET that writes",
        "Reading a warehouse notes the time of the last look in updated_at.",
        (
            Edit(
                "app/warehouses/routes.py",
                "    row = await find_warehouse(services(request).database, caller, warehouse_id)\n",
                "    row = await find_warehouse(services(request).database, caller, warehouse_id)\n"
                "    await services(request).database.write(\n"
                "        lambda connection: service.touch_warehouse(connection, warehouse_id)\n    )\n",
            ),
            Edit(
                "app/warehouses/service.py",
                "async def _locked(",
                "async def touch_warehouse(connection: AsyncConnection, warehouse_id: UUID) -> None:\n"
                '    """Note that it was looked at."""\n'
                "    await connection.execute(\n"
                '        update(Warehouse).where(Warehouse.id == warehouse_id).values({"updated_at": utcnow()})\n'
                "    )\n\n\n"
                "async def _locked(",
            ),
        ),
        ("law.method-safe",),
        ("warehouse",),
    ),
    Mutant(
        "update-not-stored",
        "change not stored",
        "The answer to an update shows the change, and the table never sees it.",
        (
            Edit(
                "app/coupons/service.py",
                "    return await returned_row(connection, statement)\n\n\nasync def delete_coupon",
                "    return {**row, **changes}\n\n\nasync def delete_coupon",
            ),
        ),
        ("law.update-effective",),
        ("coupon",),
    ),
    Mutant(
        "decimal-rounded",
        "decimal rounded",
        "The price of an order line passes through a float of one decimal place.",
        (
            Edit(
                "app/order_lines/service.py",
                "    now = utcnow()\n    values = data.model_dump() | {",
                '    now = utcnow()\n    values = data.model_dump() | {"unit_price": round(data.unit_price, 1)} | {',
            ),
        ),
        ("law.create-effective",),
        ("order_line",),
    ),
    Mutant(
        "time-zone-dropped",
        "moment shifted by its zone",
        "The offset of a coupon's time is cut off instead of being converted to UTC.",
        (
            Edit(
                "app/core/values.py",
                "        return value.astimezone(UTC)\n",
                "        return value.replace(tzinfo=UTC)\n",
            ),
        ),
        ("law.create-effective",),
        ("coupon",),
    ),
    Mutant(
        "default-not-applied",
        "default not applied",
        "A new warehouse without active is switched off, though the default is on.",
        (Edit("app/warehouses/schemas.py", "    active: values.Boolean = True", "    active: values.Boolean = False"),),
        ("law.create-effective",),
        ("warehouse",),
    ),
)
