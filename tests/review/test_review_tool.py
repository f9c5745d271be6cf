"""`review_schema` as its callers see it: verdicts, evidence, proven fixes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from review_harness import only, review, rules_of, toolbox_at

from backend.engines.postgres.host import PostgresHost
from knowledge.report import Basis, Outcome, Severity
from tools.review_schema import ReviewSchemaRequest, run
from tools.spec import ToolError
from tools.toolbox import Toolbox

WELL_DESIGNED = """
CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE posts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    body text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX posts_user_id_created_at_idx ON posts (user_id, created_at DESC);
CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER users_updated_at BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER posts_updated_at BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION set_updated_at();
"""

FLAWED = """CREATE TABLE users (
    id serial PRIMARY KEY,
    email varchar(200) NOT NULL UNIQUE,
    created_at timestamp NOT NULL DEFAULT now()
);
CREATE INDEX users_email_idx ON users (email);
CREATE TABLE posts (
    title text NOT NULL,
    user_id int NOT NULL
        REFERENCES users (id)
);
"""


@pytest.fixture
def box(tmp_path: Path, postgres: PostgresHost) -> Toolbox:
    return toolbox_at(tmp_path, postgres)


@pytest.mark.parametrize("prove", [True, False])
async def test_a_well_designed_schema_has_no_findings(box: Toolbox, prove: bool) -> None:
    report = await review(box, WELL_DESIGNED, prove=prove)
    assert report.findings == []
    assert report.outcome is Outcome.PASS
    assert report.assumptions == []


@pytest.mark.parametrize("prove", [True, False])
async def test_each_flaw_is_found_at_its_line(box: Toolbox, prove: bool) -> None:
    report = await review(box, FLAWED, prove=prove)
    lines = {finding.rule: finding.location.line for finding in report.findings}
    assert lines == {
        "integer-key-overflow": 2,
        "timestamp-without-time-zone": 4,
        "duplicate-index": 6,
        "no-primary-key": 7,
        "foreign-key-without-index": 9,
    }
    basis = Basis.OBSERVED if prove else Basis.DERIVED
    assert {finding.basis for finding in report.findings} == {basis}


async def test_every_fix_of_the_flawed_schema_is_proven_by_applying_it(box: Toolbox) -> None:
    report = await review(box, FLAWED)
    assert [finding.fixes[0].proven for finding in report.findings] == [True] * 5
    assert "no longer finds" in report.findings[0].fixes[0].proof


async def test_the_proven_fixes_together_leave_nothing_to_find(box: Toolbox) -> None:
    report = await review(box, FLAWED)
    steps = [step.sql for finding in report.findings for step in finding.fixes[0].steps]
    again = await review(box, FLAWED + "\n".join(steps), rules=[finding.rule for finding in report.findings])
    assert rules_of(again) == []


async def test_findings_come_by_severity_and_then_by_line(box: Toolbox) -> None:
    report = await review(box, FLAWED + "DROP TABLE accounts;\nALTER TABLE orders DROP COLUMN note;\n")
    ranks = [(finding.severity.rank, finding.location.line) for finding in report.findings]
    assert ranks == sorted(ranks)
    assert report.findings[0].severity is Severity.HIGH


async def test_a_lock_is_shown_by_running_the_statement_on_a_made_up_table(box: Toolbox) -> None:
    report = await review(box, "CREATE INDEX posts_user_id_idx ON posts (user_id);")
    finding = only(report, "index-not-concurrent")
    assert [item.basis for item in finding.evidence] == [Basis.OBSERVED, Basis.ASSUMED]
    assert "ShareLock on public.posts" in finding.evidence[0].result
    assert finding.evidence[1].flips
    assert finding.fixes[0].proven
    assert report.assumptions == [
        "table public.posts was assumed with columns id bigint, user_id bigint and 3 rows;"
        " nothing in the input creates it"
    ]


async def test_a_statement_that_fails_on_rows_is_found_although_the_text_creates_no_table(box: Toolbox) -> None:
    report = await review(box, "ALTER TABLE users ADD COLUMN email text NOT NULL;")
    assert "23502" in only(report, "required-column-no-default").evidence[0].result


async def test_a_dropped_column_is_told_with_what_went_with_it(box: Toolbox) -> None:
    sql = "CREATE VIEW names AS SELECT id, nickname FROM users;\nALTER TABLE users DROP COLUMN nickname CASCADE;"
    finding = only(await review(box, sql), "drop-column")
    assert finding.location.line == 2
    assert "view public.names" in finding.evidence[0].result


async def test_an_error_is_a_finding_with_its_line_and_the_rest_still_runs(box: Toolbox) -> None:
    sql = "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (x int);"
    report = await review(box, sql)
    failure = only(report, "migration-fails")
    assert failure.location.line == 2
    assert "already exists" in failure.message
    assert only(report, "no-primary-key").subject == "public.b"


async def test_broken_sql_costs_only_its_own_statement(box: Toolbox) -> None:
    report = await review(box, "CREATE TABLE a (x int);\nCREATE TABEL b (x int);\n")
    assert only(report, "sql-not-readable").location.line == 2
    assert only(report, "no-primary-key").subject == "public.a"


async def test_a_missing_function_is_not_tested_rather_than_wrong(box: Toolbox) -> None:
    report = await review(
        box, "ALTER TABLE users ADD COLUMN code text DEFAULT next_code();", ignore=["no-lock-timeout"]
    )
    assert "migration-fails" not in rules_of(report)
    assert any("next_code" in note for note in report.not_tested)
    assert report.outcome is Outcome.NOT_TESTED
    assert "1 of them not tested" in report.headline


async def test_what_depends_on_a_failed_statement_is_not_reported_again(box: Toolbox) -> None:
    sql = "CREATE TABLE a (id bigint PRIMARY KEY, x integer DEFAULT 'none');\nCREATE INDEX ON a (x);\n"
    report = await review(box, sql)
    assert [finding.location.line for finding in report.findings if finding.rule == "migration-fails"] == [1]
    assert any("failed to create" in note for note in report.not_tested)


async def test_rows_that_were_made_up_are_no_evidence_against_a_constraint(box: Toolbox) -> None:
    checked = "ALTER TABLE users ADD CONSTRAINT c CHECK (code ~ '^[A-Z]{3}$') NOT VALID;\n"
    report = await review(box, checked + "ALTER TABLE users VALIDATE CONSTRAINT c;")
    assert "migration-fails" not in rules_of(report)
    assert report.not_tested == []


async def test_a_statement_that_fails_on_made_up_rows_is_run_again_without_them(box: Toolbox) -> None:
    """The lock is what counts: that the rows of a made-up table are duplicates says nothing."""
    sql = "ALTER TABLE products ADD sku text NOT NULL DEFAULT '';\nCREATE UNIQUE INDEX sku_idx ON products (sku);"
    report = await review(box, sql)
    assert "migration-fails" not in rules_of(report)
    assert only(report, "index-not-concurrent").fixes[0].proven


async def test_duplicates_in_rows_of_the_text_itself_are_a_finding(box: Toolbox) -> None:
    """The twin: the second try must not excuse what the text's own rows do."""
    sql = "CREATE TABLE p (id int PRIMARY KEY, sku text);\nINSERT INTO p VALUES (1, 'a'), (2, 'a');\n"
    report = await review(box, sql + "ALTER TABLE p ADD UNIQUE (sku);")
    assert "23505" in only(report, "migration-fails").evidence[0].result


async def test_a_column_the_text_renamed_away_is_missed_for_good_reason(box: Toolbox) -> None:
    sql = "ALTER TABLE users RENAME COLUMN name TO full_name;\nUPDATE users SET name = 'x' WHERE id = 1;"
    assert only(await review(box, sql), "migration-fails").location.line == 2


async def test_concurrently_inside_a_transaction_block_is_found(box: Toolbox) -> None:
    report = await review(box, "BEGIN;\nCREATE INDEX CONCURRENTLY i ON users (email);\nCOMMIT;")
    assert only(report, "concurrently-in-transaction").location.line == 2


async def test_owner_changes_of_a_dump_are_left_out_and_told(box: Toolbox) -> None:
    report = await review(box, "CREATE TABLE a (id bigint PRIMARY KEY);\nALTER TABLE public.a OWNER TO app_owner;")
    assert report.findings == []
    assert any("OWNER TO" in note for note in report.not_tested)


async def test_a_file_is_reviewed_with_its_path_in_each_location(box: Toolbox) -> None:
    (box.workspace.root / "schema.sql").write_text(FLAWED)
    report = await run(ReviewSchemaRequest(path="schema.sql"), box)
    assert {finding.location.path for finding in report.findings} == {"schema.sql"}


async def test_a_folder_is_reviewed_in_migration_order(box: Toolbox) -> None:
    folder = box.workspace.root / "migrations"
    folder.mkdir()
    (folder / "002_more.sql").write_text("ALTER TABLE users ADD COLUMN seen timestamp;\n")
    (folder / "001_users.sql").write_text("CREATE TABLE users (id bigint PRIMARY KEY);\n")
    (folder / "010_last.sql").write_text("ALTER TABLE users DROP COLUMN seen;\n")
    report = await run(ReviewSchemaRequest(path="migrations"), box)
    assert report.assumptions == []
    assert "timestamp-without-time-zone" not in rules_of(report), "it is gone at the end"
    assert only(report, "drop-column").location.path.endswith("010_last.sql")


async def test_a_table_made_by_an_earlier_migration_counts_as_existing(box: Toolbox) -> None:
    folder = box.workspace.root / "migrations"
    folder.mkdir()
    (folder / "001_users.sql").write_text("CREATE TABLE users (id bigint PRIMARY KEY, email text);\n")
    (folder / "002_index.sql").write_text("CREATE INDEX users_email_idx ON users (email);\n")
    report = await run(ReviewSchemaRequest(path="migrations"), box)
    assert only(report, "index-not-concurrent").fixes[0].proven


async def test_progress_is_reported_in_steps(tmp_path: Path, postgres: PostgresHost) -> None:
    from dataclasses import replace

    seen: list[str] = []

    async def progress(_done: float, _total: float, message: str) -> None:
        seen.append(message)

    await review(replace(toolbox_at(tmp_path, postgres), progress=progress), FLAWED)
    assert list(dict.fromkeys(seen)) == ["starting PostgreSQL", "executing statements", "proving fixes"]


async def test_only_the_rules_asked_for_are_applied(box: Toolbox) -> None:
    assert rules_of(await review(box, FLAWED, rules=["no-primary-key"])) == ["no-primary-key"]
    assert "no-primary-key" not in rules_of(await review(box, FLAWED, ignore=["no-primary-key"]))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "neither sql nor path"),
        ({"sql": "SELECT 1", "path": "a.sql"}, "both sql and path"),
        ({"sql": "SELECT 1", "engine": "oracle"}, "use one of: postgresql"),
        ({"sql": "SELECT 1", "rules": ["no-primary-kye"]}, "did you mean no-primary-key"),
        ({"sql": "SELECT 1", "changed": True}, "needs `path`"),
        ({"path": "models.py"}, "does not exist"),
        ({"sql": "SELECT 1", "baseline": "none.json"}, "none.json"),
    ],
)
async def test_a_request_that_cannot_be_met_says_what_to_do(
    box: Toolbox, fields: dict[str, object], words: str
) -> None:
    with pytest.raises(ToolError, match=words):
        await run(ReviewSchemaRequest.model_validate(fields), box)
