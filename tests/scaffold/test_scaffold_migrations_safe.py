"""Generated migrations in front of our own rehearsal: nothing dangerous, or the revision says what is accepted."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import pytest
from migration_bench import files_of, folder_of
from migration_cases import CASES, blueprint

from backend.engines.postgres.host import PostgresHost
from backend.rehearsal.rehearse import Options, rehearse
from backend.scaffold.migrations.render import VERSIONS
from knowledge.report import Finding, Severity
from tools.toolbox import silent

GRAVE = (Severity.HIGH, Severity.MEDIUM)
FAMILIES = ("drop-column", "rename-column", "drop-table")
"""Rules whose findings a revision may accept. What the rows of a dropped thing lose follows from it."""
FOLLOWS = "irreversible-down"

EXPANDING = (
    "resource added",
    "field added, optional",
    "field added with a default",
    "field added, required, without a default",
    "required enum added",
    "required json added",
    "string longer",
    "decimal with more digits",
    "bounds widened",
    "enum value added",
    "unique group added",
    "optional relation added",
    "on_delete changed",
    "owner switched on",
    "optimistic locking switched on",
    "many-to-many added",
    "index added",
)
STRICTER = (
    "optional field becomes required",
    "required, with a default",
    "bounds narrowed",
    "bounds added",
    "unique added",
    "relation becomes required",
    "tenant switched on",
)
REMOVING = (
    "resource removed",
    "field with bounds removed",
    "unique field removed",
    "unique removed",
    "optional relation removed",
    "required field becomes optional",
    "index removed",
)
SWITCHING = (
    "indexed string shorter",
    "unique string shorter",
    "string becomes text",
    "decimal with a finer scale",
    "integer becomes decimal",
    "integer becomes string",
    "date becomes datetime",
    "soft delete switched on",
)


def change_of(names: Sequence[str]) -> dict[str, str]:
    """The files of several changes made at once."""
    by_name = {case.name: case.change for case in CASES}

    def all_of(raw: dict[str, object]) -> None:
        for name in names:
            by_name[name](raw)

    return files_of(blueprint(), blueprint(lambda raw: all_of(raw)))


@pytest.mark.parametrize("names", [EXPANDING, STRICTER, REMOVING, SWITCHING], ids=lambda names: names[0])
async def test_nobody_waits_and_what_breaks_is_accepted_in_words(names: Sequence[str], postgres: PostgresHost) -> None:
    files = copy.copy(change_of(names))
    folder = folder_of(files, "postgresql")
    new = frozenset(migration.version for migration in folder.migrations[1:])
    outcome = await rehearse(postgres, folder, Options(watched=new, prove=False), silent)
    assert outcome.passed, [finding.message for finding in outcome.findings]
    for one in outcome.migrations[1:]:
        assert one.round_trip is not None
        assert one.round_trip.restores
        text = files[one.migration.path]
        for finding in one.findings:
            assert finding.severity not in GRAVE or accepted(finding, text), f"{one.migration.path}: {finding.message}"


def accepted(finding: Finding, text: str) -> bool:
    """Whether the head of a revision names the finding."""
    if finding.rule == FOLLOWS:
        return "Accepted:" in text
    if finding.rule not in FAMILIES:
        return False
    subject = finding.subject.removeprefix("public.").removesuffix("_new")
    return any(finding.rule in line and subject in line for line in text.splitlines() if line.startswith("* "))


async def test_a_revision_that_accepts_nothing_would_be_seen(postgres: PostgresHost) -> None:
    files = change_of(("field removed",))
    (path,) = [path for path in files if path.endswith("_contract.py")]
    folder = folder_of(files, "postgresql")
    outcome = await rehearse(postgres, folder, Options(watched=frozenset({"0003"}), prove=False), silent)
    grave = [finding for finding in outcome.findings if finding.severity in GRAVE]
    assert {finding.rule for finding in grave} == {"drop-column", FOLLOWS}
    assert all(accepted(finding, files[path]) for finding in grave)
    assert not any(accepted(finding, files[path].replace("Accepted:", "").replace("* ", "")) for finding in grave)


def test_revisions_are_the_same_every_time_and_leave_those_before_alone() -> None:
    before, after = blueprint(), change_of(EXPANDING)
    assert change_of(EXPANDING) == after
    first = files_of(before)
    assert {path: after[path] for path in first} == first
    assert sorted(after)[-1].startswith("migrations/")
    assert [path[len(VERSIONS) :][:4] for path in sorted(after) if path.startswith(VERSIONS)] == [
        "0001",
        "0002",
        "0003",
        "0004",
    ]
