"""Every answer is held against the contract and against what no backend may do."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from backend.exercise.calls import document
from backend.exercise.contract import JSON_TYPE, Contract, Operation, Promise
from backend.exercise.exchange import Answer, Call
from backend.exercise.fuzz.case import Case, Wish
from backend.exercise.fuzz.leaks import leak

UNIVERSAL = frozenset({405, 406, 408, 413, 414, 415, 429, 431, 501})
"""Statuses that any request can get before an operation is reached; contracts need not repeat them."""

SEMANTIC = frozenset({401, 402, 403, 404, 409, 410, 412, 423, 428, 429})
"""Refusals of well-formed requests for reasons no schema can say: rights, rows, states."""

OPAQUE = frozenset({"cursor", "after", "before", "page_token", "sort", "order_by", "if-match", "if-none-match"})
"""Values whose meaning no schema says, as a rule; their refusal is no fault."""

REQUEST_ID = "x-request-id"
SHOWN = 200


@dataclass(frozen=True)
class Habits:
    """What this backend does on every answer; an answer that does not is a fault."""

    envelope: bool = False
    """Errors are ``{"error": {"code", "message", "details"}}``."""
    request_id: bool = False
    strict_query: bool = False
    """Unknown query parameters are refused."""
    slow_seconds: float = 1.0


@dataclass(frozen=True)
class Found:
    """A check that an answer did not pass."""

    check: str
    message: str


def judge(contract: Contract, habits: Habits, case: Case, call: Call, answer: Answer) -> list[Found]:
    """Everything that is wrong with an answer; empty if nothing is."""
    return list(_judge(contract, habits, case, call, answer))


def _judge(contract: Contract, habits: Habits, case: Case, call: Call, answer: Answer) -> Iterator[Found]:
    if answer.status == 0 or answer.status >= 500:
        said = answer.crash.strip().rpartition("\n")[2] or _shown(answer)
        what = f"answered {answer.status}" if answer.status else "gave no answer"
        yield Found("fuzz.server-error", f"{case.about}: the backend {what}: {said}")
    if answer.seconds > habits.slow_seconds:
        yield Found("fuzz.slow", f"{case.about}: {answer.seconds:.1f} s, over {habits.slow_seconds:g} s")
    if answer.status == 0:
        return
    if answer.status >= 400:
        told = leak(answer.body.decode(errors="replace"), _sent(call))
        if told:
            yield Found("fuzz.leak", f"{case.about}: the answer {answer.status} tells the inside: {told}")
    if habits.request_id and REQUEST_ID not in answer.headers:
        yield Found("fuzz.request-id", f"{case.about}: the answer {answer.status} has no X-Request-Id")
    if answer.status >= 500:
        return
    if answer.status >= 400 and habits.envelope and not is_envelope(document(answer)):
        yield Found("fuzz.envelope", f"{case.about}: {answer.status} is not in the error envelope: {_shown(answer)}")
    yield from _as_wished(habits, case, answer, contract)
    if case.wish != Wish.NOT_ALLOWED:
        yield from _as_promised(contract, case, answer)


def is_envelope(body: Any) -> bool:
    """Whether a body is ``{"error": {"code", "message", "details": [{"field", "code", "message"}]}}``."""
    error = body.get("error") if isinstance(body, Mapping) and set(body) == {"error"} else None
    if not isinstance(error, Mapping) or set(error) != {"code", "message", "details"}:
        return False
    texts = isinstance(error["code"], str) and isinstance(error["message"], str)
    details = error["details"]
    return (
        texts
        and isinstance(details, list)
        and all(isinstance(each, Mapping) and set(each) == {"field", "code", "message"} for each in details)
    )


def _as_wished(habits: Habits, case: Case, answer: Answer, contract: Contract) -> Iterator[Found]:
    status = answer.status
    match case.wish:
        case Wish.REFUSE if status < 400:
            yield Found("fuzz.accepted-invalid", f"{case.about}: refusing it was expected; the answer is {status}")
        case Wish.ABSENT if status < 400:
            yield Found("fuzz.accepted-invalid", f"{case.about}: 404 was expected; the answer is {status}")
        case Wish.ACCEPT if status >= 400 and not _excused(case, answer):
            yield Found("fuzz.refused-valid", f"{case.about}: refused with {status}: {_shown(answer)}")
        case Wish.NOT_ALLOWED if status != 401:
            yield from _not_allowed(case, answer, contract)


def _not_allowed(case: Case, answer: Answer, contract: Contract) -> Iterator[Found]:
    if answer.status not in (405, 501):
        yield Found("fuzz.method-not-allowed", f"{case.about}: 405 was expected; the answer is {answer.status}")
        return
    allowed = {method.strip().upper() for method in answer.headers.get("allow", "").split(",") if method.strip()}
    missing = sorted(set(contract.methods(case.operation.path)) - allowed)
    if answer.status == 405 and missing:
        yield Found("fuzz.method-not-allowed", f"{case.about}: Allow lacks {', '.join(missing)}")


def _excused(case: Case, answer: Answer) -> bool:
    """Whether a refusal of a valid request is for a reason that no schema can say."""
    if answer.status in SEMANTIC:
        return True
    fields = refused_fields(document(answer))
    if not fields:
        return any(name.lower() in OPAQUE for name in (*case.query, *case.headers))
    return all(_is_reference(field) or field.lower() in OPAQUE for field in fields)


def _is_reference(field: str) -> bool:
    return field.endswith(("_id", "Id", "_ids", "Ids"))


def refused_fields(body: Any) -> list[str]:
    """The last words of the fields that a refusal names: of the envelope, or of FastAPI's own ``detail``."""
    if not isinstance(body, Mapping):
        return []
    error = body.get("error")
    details: Any = error.get("details") if isinstance(error, Mapping) else body.get("detail", body.get("errors"))
    found = []
    for each in details if isinstance(details, list) else []:
        place = each.get("field", each.get("loc", "")) if isinstance(each, Mapping) else ""
        parts = place.split(".") if isinstance(place, str) else [str(part) for part in place]
        words = [part for part in parts if part and not part.isdigit()]
        found += words[-1:]
    return found


def _as_promised(contract: Contract, case: Case, answer: Answer) -> Iterator[Found]:
    promise = case.operation.promise(answer.status)
    if promise is None:
        if answer.status not in UNIVERSAL:
            known = ", ".join(case.operation.answers)
            yield Found(
                "fuzz.undocumented-status",
                f"{case.about}: {answer.status} is not in the contract of {case.operation.label} (it has {known})",
            )
        return
    yield from _body(contract, case.operation, promise, case.about, answer)


def _body(contract: Contract, operation: Operation, promise: Promise, about: str, answer: Answer) -> Iterator[Found]:
    if not answer.body:
        if promise.schema is not None and operation.method != "HEAD" and answer.status not in (204, 304):
            yield Found("fuzz.schema-violation", f"{about}: {answer.status} has no body; the contract shows one")
        return
    kind = answer.headers.get("content-type", "")
    if not promise.types:
        if answer.status in (204, 304):
            yield Found("fuzz.schema-violation", f"{about}: {answer.status} must have no body")
        return
    if not _is_one_of(kind, promise.types):
        yield Found(
            "fuzz.content-type", f"{about}: {answer.status} came as {kind or 'nothing'}, not {promise.types[0]}"
        )
        return
    if promise.schema is None or not JSON_TYPE.match(kind):
        return
    try:
        value = answer.json()
    except ValueError as error:
        yield Found("fuzz.schema-violation", f"{about}: the body of {answer.status} is not JSON: {error}")
        return
    errors = contract.schemas.errors(promise.schema, value)
    if errors:
        yield Found("fuzz.schema-violation", f"{about}: the body of {answer.status} breaks its schema: {errors[0]}")


def _is_one_of(kind: str, promised: Sequence[str]) -> bool:
    bare = kind.partition(";")[0].strip().lower()
    return any(bare == each.partition(";")[0].strip().lower() or each == "*/*" for each in promised)


def _sent(call: Call) -> str:
    """The request as text: decoded, and with the escapes of JSON undone, as an answer may repeat it."""
    body = call.body.decode(errors="replace")
    with contextlib.suppress(ValueError, RecursionError):
        body += json.dumps(json.loads(call.body), ensure_ascii=False) if call.body else ""
    return f"{call.path} {unquote(call.path)} {body} {' '.join(call.headers.values())}"


def _shown(answer: Answer) -> str:
    return answer.body.decode(errors="replace")[:SHOWN]
