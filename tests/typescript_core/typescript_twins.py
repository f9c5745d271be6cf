"""Weakened twins of the core: each with one guard less, which one of the suites must miss."""

from __future__ import annotations

from typing import NamedTuple


class Twin(NamedTuple):
    """What is changed, and the suite that must fail then."""

    suite: str
    file: str
    old: str
    new: str


TWINS: dict[str, Twin] = {
    "tokens of any algorithm": Twin("tokens", "auth/tokens.ts", "algorithms: [ALGORITHM],", ""),
    "tokens of any type": Twin("tokens", "auth/tokens.ts", "typ: TYPE,", ""),
    "tokens of any service": Twin("tokens", "auth/tokens.ts", "issuer: this.#policy.issuer,", ""),
    "tokens for several services": Twin("tokens", "auth/tokens.ts", "aud !== audience || ", ""),
    "tokens for a year": Twin("tokens", "auth/tokens.ts", "exp! - iat! > LIFETIME", "false"),
    "tokens from the future": Twin("tokens", "auth/tokens.ts", "iat! > now.getTime() / 1000 + LEEWAY", "false"),
    "tokens whose clock stands still": Twin(
        "tokens", "auth/tokens.ts", "currentDate: this.#clock(),", "currentDate: new Date(0),"
    ),
    "cursors of any spelling": Twin("pagination", "pagination.ts", 'bytes.toString("base64url") !== text', "false"),
    "cursors with any id": Twin("pagination", "pagination.ts", "id: uuidOf(id)", "id"),
    "cursors without the id": Twin(
        "pagination",
        "queries.ts",
        "sql`(${createdAt}, ${id}) < (${sql.param(cursor.created_at, createdAt)}, ${sql.param(cursor.id, id)})`",
        "sql`${createdAt} < ${sql.param(cursor.created_at, createdAt)} and ${id} is not null`",
    ),
    "wildcards of clients": Twin("pagination", "queries.ts", r"text.replace(/[\\%_]/g, String.raw`\$&`)", "text"),
    "weak tags for changes": Twin(
        "conditional", "conditional.ts", '(!etag.startsWith("W/") && tags.includes(etag))', "matchesWeakly(tags, etag)"
    ),
    "changes without a version": Twin(
        "conditional", "conditional.ts", "if (ifMatch === undefined) throw new PreconditionRequiredError();", ""
    ),
    "causes for clients": Twin(
        "errors", "errorResponses.ts", "?? internalError()", '?? new AppError("INTERNAL_ERROR", String(error), 500)'
    ),
    "parameters in logs": Twin("errors", "logs.ts", '"query" in error && "params" in error', "false"),
    "query strings in logs": Twin("errors", "middleware/edge.ts", "path: context.req.path,", "path: context.req.url,"),
    "any name for a request": Twin("errors", "middleware/edge.ts", "VALID_ID.test(given)", "given"),
    "HEAD as GET": Twin("errors", "methods.ts", 'context.req.method === "HEAD"', "false"),
    "misspelt parameters": Twin("errors", "reading.ts", "if (names.length === 0) return;", "return;"),
    "bodies of any type": Twin("errors", "reading.ts", "type && !JSON_SUBTYPE.test(type)", "false"),
    "endless bodies": Twin("server", "middleware/bodyLimit.ts", "received > limit", "false"),
    "answers that are forgotten": Twin(
        "idempotency",
        "idempotency.ts",
        ".set({ status, headers: { ...headers }, body: Buffer.from(body) })",
        ".set({ status })",
    ),
    "keys for everybody": Twin("idempotency", "idempotency.ts", "eq(table.caller, caller), ", ""),
    "keys for any request": Twin(
        "idempotency", "idempotency.ts", "row.fingerprint !== submission.fingerprint", "false"
    ),
    "windows that forget": Twin(
        "limits", "rateLimit.ts", "current + previous * (1 - elapsed / limit.window) + 1 <=", "current + 1 <="
    ),
    "counts one by one in Redis": Twin("limits", "rateLimitRedis.ts", "redis.call('INCR', ", "redis.call('GET', "),
    "no counts without Redis": Twin(
        "limits",
        "rateLimitRedis.ts",
        "return this.#fallback.judge(key, limit);",
        "return verdictOf(limit, { current: 0, previous: 0, elapsed: 0 }, true);",
    ),
    "limits that nobody hears of": Twin(
        "limits", "limits.ts", "context.var.told.push(...rateLimitHeaders(verdict));", ""
    ),
    "many loaders": Twin("cache", "cache/flight.ts", "if (running !== undefined) return running;", ""),
    "answers of before a write": Twin(
        "cache", "cache/memory.ts", "if (generation === this.#generationOf(namespace)) ", ""
    ),
    "answers of before a write in Redis": Twin(
        "cache", "cache/stored.ts", "!text.startsWith(`[${JSON.stringify(generation)},`)", "false"
    ),
    "invalidations that are lost": Twin("cache", "cache/redisCache.ts", "this.#owed.set(namespace, due);", "void due;"),
    "answers for other tenants": Twin(
        "answers", "middleware/answerCache.ts", 'route.tenant ? caller.tenantId : "signed-in"', '"signed-in"'
    ),
    "answers for anybody": Twin("answers", "middleware/answerCache.ts", "if (caller === null) return null;", ""),
    "half an answer for all": Twin(
        "answers", "middleware/answerCache.ts", 'context.req.raw.headers.delete("if-none-match");', ""
    ),
    "failures that are kept": Twin("answers", "middleware/answerCache.ts", "answer.status !== 200", "false"),
    "transactions in part": Twin("database", "engines/sqlite.ts", 'link.run("ROLLBACK")', 'link.run("COMMIT")'),
    "handles for ever": Twin("database", "engines/handle.ts", "ended = true;", ""),
    "writers all at once": Twin("database", "engines/turns.ts", "if (this.#taken) await this.#wait(milliseconds);", ""),
    "keys that refer to nothing": Twin(
        "database",
        "engines/sqlite.ts",
        "enableForeignKeyConstraints, timeout",
        "enableForeignKeyConstraints: false, timeout",
    ),
    "SQL in quotes": Twin("database", "engines/translation.ts", "if (quoted !== undefined) return quoted;", ""),
    "conflicts as failures": Twin(
        "database", "integrity.ts", "return sqlite ? conflictOfSqlite(sqlite.message) : null;", "return null;"
    ),
    "events one past the other": Twin("events", "events/outbox.ts", "notExists(heldBack),", ""),
    "events without a lease": Twin(
        "events", "events/outbox.ts", "next_attempt_at: leasedUntil }", "next_attempt_at: now }"
    ),
    "events twice": Twin("events", "events/consumer.ts", "return marked.length === 1;", "return true;"),
    "streams cut short": Twin("events", "events/stream.ts", "pending > 0 ? first :", "false ? first :"),
    "jobs that never rest": Twin("events", "jobs.ts", "momentAt(now + job.every)", "momentAt(now)"),
    "migrations that change": Twin(
        "migrations", "migrations.ts", "before !== undefined && before !== checksum", "false"
    ),
    "migrations by many": Twin(
        "migrations", "migrations.ts", "const [due] = await pending(connection, [migration]);", "const due = migration;"
    ),
    "rows that refer to nothing": Twin("migrations", "migrations.ts", "await requireWhole(connection, due.name);", ""),
    "secrets that are weak": Twin("settings", "settings.ts", "bytes.length < MINIMUM_SECRET_BYTES || ", ""),
    "settings that are misspelt": Twin(
        "settings", "settings.ts", "misspelt(Object.keys(VARIABLES.shape), Object.keys(set))", "[] as string[]"
    ),
    "secrets in logs": Twin("settings", "logs.ts", "return text.replace(SECRETS, REDACTED);", "return text;"),
    "proxies of anybody": Twin("edges", "clientAddress.ts", "if (!this.trusts(next)) break;", ""),
    "HTTPS on anybody's word": Twin("edges", "middleware/https.ts", "proxies.trusts(peer) && ", ""),
    "origins of anybody": Twin("edges", "middleware/cors.ts", "origin: [...origins],", 'origin: "*",'),
    "dates of no calendar": Twin("values", "moments.ts", "date.toISOString().slice(0, 10) === text", "true"),
    "texts that are longer": Twin("values", "values.ts", "length > maximum", "false"),
    "numbers that are not exact": Twin("values", "values.ts", "Math.abs(item) <= INTEGER_LIMIT", "true"),
    "ends that cut": Twin("signals", "server.ts", "await shutDown(server);", "server.closeAllConnections();"),
    "deprecations that nobody hears of": Twin(
        "answers", "middleware/deprecated.ts", "if (left) context.var.told.push(...left.headers);", ""
    ),
}
