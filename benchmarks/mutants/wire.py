"""Bugs in what goes over the wire: statuses, shapes, headers, and what errors tell."""

from __future__ import annotations

from benchmarks.mutants.record import Edit, Mutant

MUTANTS = (
    Mutant(
        "crash-on-input",
        "500",
        "The attributes of a new product are taken for an object, though any JSON value is allowed.",
        (
            Edit(
                "app/products/service.py",
                "    if category_id is not None and not await category_exists(connection, caller, category_id):\n"
                '        raise missing_reference("category_id")\n    now = utcnow()\n',
                "    if category_id is not None and not await category_exists(connection, caller, category_id):\n"
                '        raise missing_reference("category_id")\n    now = utcnow()\n'
                "    if data.attributes is not None:\n        dict(data.attributes)  # type: ignore[call-overload]\n",
            ),
        ),
        ("fuzz.server-error",),
        ("product",),
    ),
    Mutant(
        "unique-unhandled",
        "500 on a conflict",
        "A taken value is an unexpected error, because the handler for constraints was not installed.",
        (
            Edit(
                "app/core/error_responses.py",
                "    @app.exception_handler(IntegrityError)\n",
                "",
            ),
        ),
        ("fuzz.server-error",),
        ("tag",),
    ),
    Mutant(
        "wrong-status",
        "wrong status",
        "Deleting a warehouse answers 200 with a body instead of 204.",
        (
            Edit(
                "app/warehouses/routes.py",
                "        lambda connection: service.delete_warehouse(connection, caller, warehouse_id)\n    )\n"
                "    return done()",
                "        lambda connection: service.delete_warehouse(connection, caller, warehouse_id)\n    )\n"
                "    return success({})",
            ),
        ),
        ("fuzz.undocumented-status", "smoke.undocumented-status"),
        ("warehouse",),
    ),
    Mutant(
        "schema-violation",
        "schema violation",
        "A product's price is sent as a number, where the contract says text.",
        (
            Edit(
                "app/core/serialization.py",
                "        return str(value)\n",
                "        return float(value) if isinstance(value, Decimal) else str(value)\n",
            ),
        ),
        ("fuzz.schema-violation", "smoke.schema-violation"),
        ("product",),
    ),
    Mutant(
        "stack-trace-leaked",
        "leaked stack trace",
        "The last net answers with the traceback, which helps while developing, and was never taken out.",
        (
            Edit(
                "app/core/middleware/errors.py",
                "            await error_response(internal_error())(scope, receive, send)",
                '            told = AppError("INTERNAL_ERROR", traceback.format_exc(), 500)\n'
                "            await error_response(told)(scope, receive, send)",
            ),
            Edit(
                "app/core/middleware/errors.py",
                "from ..error_responses import error_response, internal_error\n",
                "from ..error_responses import error_response\nfrom ..errors import AppError\n",
            ),
            Edit("app/core/middleware/errors.py", "import logging\n\n", "import logging\nimport traceback\n\n"),
            Edit(
                "app/tags/routes.py",
                "    row = await find_tag(services(request).database, caller, tag_id)\n",
                "    row = await find_tag(services(request).database, caller, tag_id)\n"
                '    {}[row["name"]]  # type: ignore[index]\n',
            ),
        ),
        ("fuzz.leak", "smoke.leak"),
        ("tag",),
    ),
    Mutant(
        "database-message-leaked",
        "leaked message of the database",
        "The answer to a conflict quotes what the database said.",
        (
            Edit(
                "app/core/integrity.py",
                '    return ConflictError("A value that must be unique is taken", details)',
                '    raise AppError("CONFLICT", f"UNIQUE constraint failed: {columns}", 409)',
            ),
        ),
        ("fuzz.leak", "law.no-leak"),
        ("tag",),
    ),
    Mutant(
        "error-without-envelope",
        "error without the envelope",
        "Validation errors come as the framework sends them.",
        (
            Edit(
                "app/core/error_responses.py",
                "        return error_response(_of_validation(request, error.errors()))",
                "        return await request_validation_exception_handler(request, error)",
            ),
            Edit(
                "app/core/error_responses.py",
                "from fastapi.exceptions import RequestValidationError\n",
                "from fastapi.exception_handlers import request_validation_exception_handler\n"
                "from fastapi.exceptions import RequestValidationError\n",
            ),
        ),
        ("law.envelope", "fuzz.envelope"),
        ("tag",),
    ),
    Mutant(
        "allow-incomplete",
        "405 without a complete Allow",
        "405 names the methods of the first route that matches, as the framework does.",
        (
            Edit(
                "app/core/error_responses.py",
                '        headers["Allow"] = ", ".join(_allowed(request))\n',
                "        pass\n",
            ),
        ),
        ("law.allow-complete", "fuzz.method-not-allowed"),
        ("warehouse",),
    ),
    Mutant(
        "public-cache-header",
        "private answer in public caches",
        "The list of orders may be kept by any cache between, and shown to the next customer.",
        (
            Edit(
                "app/core/cache_control.py",
                'PRIVATE_NO_CACHE = "private, no-cache"',
                'PRIVATE_NO_CACHE = "public, max-age=60"',
            ),
        ),
        ("law.cache-control",),
        ("order",),
    ),
    Mutant(
        "security-header-missing",
        "security header missing",
        "Browsers may guess content types: nosniff was left out.",
        (Edit("app/core/middleware/security_headers.py", '    "x-content-type-options": "nosniff",\n', ""),),
        ("law.security-headers",),
        ("tag",),
    ),
    Mutant(
        "request-id-missing",
        "request id missing",
        "Answers do not say by which name the log knows them.",
        (
            Edit(
                "app/core/middleware/edge.py",
                'headers = [(b"x-request-id", request_id), *self.headers]',
                "headers = [*self.headers]",
            ),
        ),
        ("fuzz.request-id",),
        ("tag",),
    ),
    Mutant(
        "write-only-shown",
        "hidden column shown",
        "Rows show which tenant they belong to, which no client is to see.",
        (Edit("app/tags/model.py", "    Tag.id,\n    Tag.name,", "    Tag.id,\n    Tag.tenant_id,\n    Tag.name,"),),
        ("law.fields-promised",),
        ("tag",),
    ),
    Mutant(
        "unknown-keys-swallowed",
        "unknown keys accepted",
        "A misspelt field of a new warehouse is ignored in silence.",
        (
            Edit(
                "app/warehouses/schemas.py",
                '    """A new warehouse."""\n\n    model_config = ConfigDict(extra="forbid")\n',
                '    """A new warehouse."""\n\n    model_config = ConfigDict(extra="ignore")\n',
            ),
        ),
        ("fuzz.accepted-invalid",),
        ("warehouse",),
    ),
    Mutant(
        "location-wrong",
        "wrong Location",
        "Location names the collection instead of the new row.",
        (Edit("app/core/writing.py", '{"Location": f"{location}/{row[\'id\']}"}', '{"Location": location}'),),
        ("law.location-resolves",),
        ("tag",),
    ),
    Mutant(
        "n-plus-one",
        "N+1",
        "The list of stock levels reads the product of every row by a query of its own.",
        (
            Edit(
                "app/stock_levels/service.py",
                "    total = await database.fetch_value(queries.count(filters), **where)\n    return rows, total",
                "    total = await database.fetch_value(queries.count(filters), **where)\n"
                "    for row in rows:\n"
                '        await database.fetch_one(products.GET, id=row["product_id"], tenant_id=caller.tenant)\n'
                "    return rows, total",
            ),
            Edit(
                "app/stock_levels/service.py",
                "from app.products.access import product_exists\n",
                "from app.products import queries as products\nfrom app.products.access import product_exists\n",
            ),
        ),
        ("budget.n-plus-one",),
        ("stock_level",),
    ),
    Mutant(
        "count-per-row",
        "count query per row",
        "Each category of a list has its products counted by a query of its own.",
        (
            Edit(
                "app/coupons/service.py",
                "    total = await database.fetch_value(queries.COUNT, tenant_id=caller.tenant)\n",
                "    total = 0\n    for _ in rows:\n"
                "        total = await database.fetch_value(queries.COUNT, tenant_id=caller.tenant)\n",
            ),
        ),
        ("budget.n-plus-one",),
        ("coupon",),
    ),
)
