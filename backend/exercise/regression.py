"""A pytest file from failures, which the user keeps: it needs httpx and nothing of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from backend.exercise.callers import Callers, Signing
from backend.exercise.calls import row
from backend.exercise.contract import Contract
from backend.exercise.exchange import Call, Failure
from backend.exercise.fuzz.judge import UNIVERSAL
from backend.exercise.fuzz.leaks import PATTERNS

HEAD = Path(__file__).parent / "regression_head.py"
RUN = re.compile(r"(.)\1{59,}", re.DOTALL)
"""A character that comes 60 times or more, which is written as a multiplication."""

HEADERS_OF_CLIENTS = ("host", "content-length", "connection")
Assertions = Callable[[Failure], list[str]]
"""Lines that judge ``answer`` (a response) and ``seconds``; none where the failure cannot be replayed."""


def regression_file(
    failures: Sequence[Failure],
    contract: Contract,
    *,
    application: str,
    callers: Callers | None = None,
    signing: Signing | None = None,
    environment: Mapping[str, str] | None = None,
    assertions: Mapping[str, Assertions] | None = None,
) -> str:
    """The text of a test file with one test for each failure that can be replayed.

    Args:
        failures: with their exchanges; all but the last one make the rows that the last one needs.
        contract: whose statuses and schemas are asserted.
        application: ``module:attribute``, for runs without ``BACKEND_URL``.
        callers: whose tokens the requests carry; they are replaced by names and never written.
        signing: with which a scaffolded backend signs; its secret goes to the file only as a made-up one.
        environment: variables the application needs; give none that are secret.
        assertions: of further checks, by their id.
    """
    judges = {**_judges(contract), **(assertions or {})}
    tests, left_out, names = [], [], set[str]()
    schemas: dict[str, Any] = {}
    for failure in failures:
        lines = judges[failure.check](failure) if failure.check in judges and failure.exchanges else []
        if not lines:
            left_out.append(
                f"# {failure.check} of {failure.operation} cannot be replayed here: {_line(failure.message)}"
            )
            continue
        name = _unused(failure, names)
        names.add(name)
        schemas.update(_referred(contract, failure))
        tests.append(_test(name, failure, lines, callers))
    head = HEAD.read_text(encoding="utf-8")
    variables = {**({"JWT_SECRET": "only-for-this-test-" * 2} if signing else {}), **(environment or {})}
    for constant, value in (
        ('APPLICATION = ""', f"APPLICATION = {application!r}"),
        ("ENVIRONMENT: dict[str, str] = {}", f"ENVIRONMENT: dict[str, str] = {variables!r}"),
        (
            "CALLERS: dict[str, dict[str, Any]] = {}",
            f"CALLERS: dict[str, dict[str, Any]] = {_claims(callers, signing)!r}",
        ),
        ("SCHEMAS: dict[str, Any] = {}", f"SCHEMAS: dict[str, Any] = {schemas!r}"),
        ('LEAKS = ""', f"LEAKS = {'|'.join(f'(?:{pattern})' for pattern in PATTERNS)!r}"),
    ):
        head = head.replace(constant, value, 1)
    return "\n\n\n".join([head.rstrip(), *tests, *(["\n".join(left_out)] if left_out else [])]) + "\n"


def _judges(contract: Contract) -> dict[str, Assertions]:
    def status(failure: Failure) -> list[str]:
        operation = _operation(contract, failure)
        known = sorted({int(each) for each in operation.answers if each.isdigit()} | UNIVERSAL) if operation else []
        return [f"assert answer.status_code in {known}, answer.status_code"]

    def schema(failure: Failure) -> list[str]:
        operation, last = _operation(contract, failure), failure.exchanges[-1].answer
        promise = operation.promise(last.status) if operation else None
        if promise is None or promise.schema is None:
            return ["assert answer.content == b''"]
        return [
            f"if answer.status_code == {last.status}:",
            f"    assert not faults_of(answer.json(), {dict(promise.schema)!r})",
        ]

    def allow(failure: Failure) -> list[str]:
        methods = set(contract.methods(failure.operation.partition(" ")[2]))
        return [
            "assert answer.status_code in (405, 501), answer.status_code",
            f"assert {methods!r} <= set(re.split(r', *', answer.headers.get('allow', '')))",
        ]

    def kind(failure: Failure) -> list[str]:
        operation, last = _operation(contract, failure), failure.exchanges[-1].answer
        promise = operation.promise(last.status) if operation else None
        return [f"assert answer.headers['content-type'].partition(';')[0] in {promise.types if promise else ()!r}"]

    return {
        "fuzz.server-error": _fixed("assert answer.status_code < 500, answer.text[:500]"),
        "fuzz.undocumented-status": status,
        "fuzz.schema-violation": schema,
        "fuzz.content-type": kind,
        "fuzz.accepted-invalid": _fixed("assert 400 <= answer.status_code < 500, answer.status_code"),
        "fuzz.refused-valid": _fixed("assert answer.status_code < 400, answer.text[:500]"),
        "fuzz.envelope": _fixed("assert set(answer.json()['error']) == {'code', 'message', 'details'}"),
        "fuzz.request-id": _fixed("assert answer.headers.get('x-request-id')"),
        "fuzz.leak": _fixed("assert not re.search(LEAKS, answer.text)"),
        "fuzz.slow": _fixed("assert seconds < 1.0"),
        "fuzz.method-not-allowed": allow,
    }


def _fixed(*lines: str) -> Assertions:
    return lambda _failure: list(lines)


def _test(name: str, failure: Failure, lines: Sequence[str], callers: Callers | None) -> str:
    ids: dict[str, int] = {}
    steps = []
    for number, exchange in enumerate(failure.exchanges):
        steps.append(f"        {_step(exchange.call, ids, callers)},")
        made = str(row(exchange.answer).get("id", ""))
        if len(made) >= 8:
            ids.setdefault(made, number)
    body = "\n".join(f"    {line}" for line in lines)
    seconds = "seconds" if any("seconds" in line for line in lines) else "_"
    text = _line(f"{failure.operation}: {failure.message}").replace("\\", "/").replace('"""', "'''").rstrip('"')
    return "\n".join(
        [
            f"def {name}() -> None:",
            f'    """{text}"""',
            f"    answer, {seconds} = replay(",
            *steps,
            "    )",
            body,
        ]
    )


def _step(call: Call, ids: Mapping[str, int], callers: Callers | None) -> str:
    headers = {}
    for name, value in call.headers.items():
        if name.lower() == "authorization":
            value = f"Bearer ${{token:{_whose(value, callers)}}}"
        if name.lower() not in HEADERS_OF_CLIENTS:
            headers[name] = value
    try:
        body = _literal(_marked(call.body.decode(), ids))
    except UnicodeDecodeError:
        body = repr(call.body)
    return f"({call.method!r}, {_literal(_marked(call.path, ids))}, {headers!r}, {body})"


def _marked(text: str, ids: Mapping[str, int]) -> str:
    for made, number in ids.items():
        text = text.replace(made, f"${{id:{number}}}")
    return text


def _literal(text: str) -> str:
    """A Python expression; long runs of a character are multiplied."""
    parts, start = [], 0
    for run in RUN.finditer(text):
        if run.start() > start:
            parts.append(ascii(text[start : run.start()]))
        parts.append(f"{run.group(1)!a} * {len(run.group())}")
        start = run.end()
    if start < len(text) or not parts:
        parts.append(ascii(text[start:]))
    return " + ".join(parts)


def _whose(value: str, callers: Callers | None) -> str:
    known = [*(callers or ()), *(callers.helpers.values() if callers else ())]
    return next((each.name.replace(" ", "_") for each in known if value in each.headers.values()), "owner")


def _claims(callers: Callers | None, signing: Signing | None) -> dict[str, dict[str, Any]]:
    if callers is None or signing is None:
        return {}
    fixed = {"iss": signing.issuer, "aud": signing.audience}
    return {
        each.name.replace(" ", "_"): {
            **fixed,
            "sub": each.subject,
            "roles": list(each.roles),
            **({"tenant_id": each.tenant_id} if each.tenant_id else {}),
        }
        for each in [*callers, *callers.helpers.values()]
        if each.subject
    }


def _operation(contract: Contract, failure: Failure) -> Any:
    method, _, path = failure.operation.partition(" ")
    return contract.operation(method, path)


def _referred(contract: Contract, failure: Failure) -> dict[str, Any]:
    """The schemas that a failure's assertion needs, by name."""
    operation = _operation(contract, failure)
    promise = operation.promise(failure.exchanges[-1].answer.status) if operation else None
    if failure.check != "fuzz.schema-violation" or promise is None or promise.schema is None:
        return {}
    found: dict[str, Any] = {}
    open_texts = [json.dumps(promise.schema)]
    while open_texts:
        for reference in re.findall(r'"\$ref": "([^"]+)"', open_texts.pop()):
            name = reference.rpartition("/")[2]
            if name not in found:
                found[name] = dict(contract.schemas.resolve({"$ref": reference}))
                open_texts.append(json.dumps(found[name]))
    return found


def _unused(failure: Failure, names: set[str]) -> str:
    words = re.sub(r"\W+", "_", f"{failure.check} {failure.operation}".lower()).strip("_")
    name = f"test_{words}"
    return name if name not in names else next(f"{name}_{n}" for n in range(2, 1000) if f"{name}_{n}" not in names)


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", "".join(each if each.isprintable() else " " for each in text))[:160].strip()
