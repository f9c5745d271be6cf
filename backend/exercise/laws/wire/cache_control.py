"""``law.cache-control``."""

from __future__ import annotations

from backend.exercise.calls import build, document
from backend.exercise.contract import Operation
from backend.exercise.exchange import Answer, Exchange
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import Made, Trial, Untested
from backend.exercise.laws.wire._kinds import every_kind
from backend.exercise.world import WorldError

SHARED = ("public", "s-maxage")


async def check(trial: Trial) -> None:
    """Read every row and list as several callers, and collect errors of every kind."""
    for resource in trial.contract.resources:
        try:
            made = await trial.make(resource)
        except WorldError as reason:
            trial.verdict.untested[resource.collection] = str(reason)
            continue
        for operation in (resource.get, resource.list):
            if operation is not None and (operation is resource.get or "{" not in resource.collection):
                async with trial.about(operation):
                    await _read(trial, operation, made)
    async for given in every_kind(trial):
        if given.answer.status >= 400:
            async with trial.about(given.label):
                _error(trial, given.about, Exchange(given.call, given.answer))


async def _read(trial: Trial, operation: Operation, made: Made) -> None:
    path = made.path if "{" in operation.path else {}
    anonymous = await trial.send(build(operation, trial.subject.callers["anonymous"], path=path))
    reader = made.maker if anonymous.status == 200 else await trial.reader(operation, path)
    mine = await trial.ask(operation, reader, path=path)
    if mine.status != 200:
        raise Untested(f"reading is answered with {mine.status}")
    told = directives(mine)
    if not trial.expect(bool(told), "an answer with data has no Cache-Control"):
        return
    shared = any(name in told for name in SHARED)
    if shared:
        sound = anonymous.status == 200
        trial.expect(
            sound, f"Cache-Control: {mine.headers['cache-control']}, but without a token it is {anonymous.status}"
        )
        varies = "authorization" in mine.headers.get("vary", "").lower()
        same = document(mine) == document(anonymous)
        trial.expect(varies or same or not sound, "a shared cache may keep it, but callers see different data", last=2)
        return
    private = "private" in told or "no-store" in told
    open_to_all = anonymous.status == 200
    trial.expect(private or open_to_all, f"only some may read it, but Cache-Control is {mine.headers['cache-control']}")


def _error(trial: Trial, about: str, exchange: Exchange) -> None:
    told, status = directives(exchange.answer), exchange.answer.status
    shown = exchange.answer.headers.get("cache-control", "none")
    if trial.subject.blueprint is not None and "no-store" not in told:
        trial.fail(f"{about} is answered with {status} and Cache-Control: {shown}, not no-store", exchange)
    elif "no-store" not in told and (set(told) & {*SHARED, "max-age"}) and told.get("max-age") != "0":
        trial.fail(f"{about} is answered with {status}, which may be kept: {shown}", exchange)


def directives(answer: Answer) -> dict[str, str]:
    """Of Cache-Control, by lower-case name."""
    found = {}
    for part in answer.headers.get("cache-control", "").split(","):
        name, _, value = part.strip().partition("=")
        if name:
            found[name.lower()] = value.strip('"')
    return found


LAW = Law(
    id="law.cache-control",
    claim="Only what everybody may read may be kept in shared caches, and errors are kept in none.",
    applies="reads, and errors of every kind",
    why="A CDN that keeps one caller's answer gives it to all; one that keeps an error makes it last.",
    source="RFC 9111 sections 3.5 and 5.2.2; wire contract v1",
    check=check,
)
