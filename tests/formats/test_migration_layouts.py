"""The layouts of eight migration tools: order, both ways, places in the files, and transactions."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.formats.migrations import LAYOUTS, MigrationFormatError, detect, read_migrations
from knowledge.migration import Migration, MigrationFolder

T = "CREATE TABLE t (a int);"
CONCURRENT = "CREATE INDEX CONCURRENTLY i ON t (a);"


def versions(folder: MigrationFolder) -> list[str]:
    return [step.version for step in folder.migrations]


def only(files: dict[str, str], format: str = "") -> Migration:
    (step,) = read_migrations(files, "db", format).migrations
    return step


class TestPlain:
    def test_files_run_in_the_order_of_their_numbers(self) -> None:
        folder = read_migrations({"10_c.sql": T, "2_b.sql": T, "1_a.sql": T})
        assert folder.format == "plain"
        assert versions(folder) == ["1", "2", "10"]
        assert [step.name for step in folder.migrations] == ["1_a", "2_b", "10_c"]

    def test_dotted_and_dated_versions_keep_their_whole_number(self) -> None:
        folder = read_migrations({"00.05.00_02_drop.sql": T, "2024-01-31-add.sql": T})
        assert versions(folder) == ["00.05.00_02", "2024-01-31"]

    def test_unnumbered_files_are_left_out_and_noted_where_others_are_numbered(self) -> None:
        folder = read_migrations({"1_a.sql": T, "seed.sql": T})
        assert versions(folder) == ["1"]
        assert folder.notes == ("left out, not numbered: seed.sql",)

    def test_where_nothing_is_numbered_all_files_run_by_name(self) -> None:
        assert versions(read_migrations({"b.sql": T, "a.sql": T})) == ["a", "b"]

    def test_two_files_of_one_number_are_told_apart_by_name(self) -> None:
        assert versions(read_migrations({"1_a.sql": T, "1_b.sql": T})) == ["1", "1_b"]

    def test_a_down_beside_its_file_is_its_way_back(self) -> None:
        step = only({"1_a.sql": T, "1_a.down.sql": "DROP TABLE t;"})
        assert (step.down, step.down_path) == ("DROP TABLE t;", "1_a.down.sql")

    def test_a_down_without_its_file_is_noted(self) -> None:
        folder = read_migrations({"1_a.sql": T, "2_b.rollback.sql": "DROP TABLE t;"})
        assert versions(folder) == ["1"]
        assert folder.notes == ("left out, a way back without its own way there: 2_b.rollback.sql",)

    def test_the_same_file_in_two_folders_is_refused(self) -> None:
        with pytest.raises(MigrationFormatError, match=r"x/1_a\.sql and y/1_a\.sql have the same name"):
            read_migrations({"x/1_a.sql": T, "y/1_a.sql": T})
        assert versions(read_migrations({"x/1_a.sql": T, "y/2_a.sql": T})) == ["1", "2"]


class TestFlyway:
    def test_versions_are_numbers_and_repeatable_files_come_last(self) -> None:
        files = {"R__view.sql": T, "V10__c.sql": T, "V1_1__b.sql": T, "V1__a.sql": T}
        folder = read_migrations(files)
        assert folder.format == "flyway"
        assert versions(folder) == ["1", "1.1", "10", "R__view"]
        assert [step.name for step in folder.migrations] == ["a", "b", "c", "view"]

    def test_an_undo_is_the_way_back_of_its_version(self) -> None:
        step = only({"V1__a.sql": T, "U1__a.sql": "DROP TABLE t;"})
        assert (step.down, step.down_path) == ("DROP TABLE t;", "U1__a.sql")

    def test_an_undo_without_its_version_is_noted(self) -> None:
        folder = read_migrations({"V1__a.sql": T, "U2__b.sql": T})
        assert folder.notes == ("left out, an undo without its version: U2__b.sql",)

    def test_a_file_that_must_run_outside_a_transaction_does(self) -> None:
        assert not only({"V1__a.sql": CONCURRENT}).transactional
        assert only({"V1__a.sql": T}).transactional

    @pytest.mark.parametrize("hidden", ["-- not CONCURRENTLY\n", "/* VACUUM */ ", "SELECT 'concurrently';\n"])
    def test_words_in_comments_and_strings_do_not_count(self, hidden: str) -> None:
        assert only({"V1__a.sql": hidden + T}).transactional

    def test_two_files_of_one_version_are_refused(self) -> None:
        with pytest.raises(MigrationFormatError, match=r"version 1 exists twice: V1__a\.sql and V1__b\.sql"):
            read_migrations({"V1__a.sql": T, "V1__b.sql": T})

    def test_files_that_flyway_would_ignore_are_noted(self) -> None:
        folder = read_migrations({"V1__a.sql": T, "notes.sql": T})
        assert folder.notes == ("left out, not named as Flyway names them: notes.sql",)


class TestUpDown:
    def test_pairs_share_a_version_and_come_in_numeric_order(self) -> None:
        files = {"10_b.up.sql": T, "2_a.up.sql": T, "2_a.down.sql": "DROP TABLE t;"}
        folder = read_migrations(files)
        assert (folder.format, versions(folder)) == ("up-down", ["2", "10"])
        first, second = folder.migrations
        assert (first.down, first.down_path, second.down) == ("DROP TABLE t;", "2_a.down.sql", None)

    def test_one_concurrent_statement_alone_runs_outside_a_transaction(self) -> None:
        assert not only({"1_a.up.sql": f"-- first; of all\n{CONCURRENT}\n-- done\n"}).transactional

    def test_a_concurrent_statement_among_others_shares_their_transaction(self) -> None:
        assert only({"1_a.up.sql": f"{T}\n{CONCURRENT}"}).transactional

    def test_a_down_without_an_up_is_noted(self) -> None:
        folder = read_migrations({"1_a.up.sql": T, "2_b.down.sql": T})
        assert folder.notes == ("left out, a down without an up: 2_b.down.sql",)

    def test_two_ups_of_one_version_are_refused(self) -> None:
        with pytest.raises(MigrationFormatError, match="version 1 exists twice"):
            read_migrations({"1_a.up.sql": T, "1_b.up.sql": T})


class TestDbmate:
    TEXT = f"-- a note\n-- migrate:up\n{T}\n\n-- migrate:down\nDROP TABLE t;\n"

    def test_sections_know_the_line_at_which_they_begin(self) -> None:
        step = only({"20240101_a.sql": self.TEXT})
        assert (step.version, step.name) == ("20240101", "a")
        assert (step.up.strip(), step.up_line) == (T, 3)
        assert ((step.down or "").strip(), step.down_line) == ("DROP TABLE t;", 6)
        assert step.path == step.down_path == "20240101_a.sql"
        assert self.TEXT.splitlines()[step.up_line - 1] == T

    def test_the_marker_says_whether_there_is_a_transaction(self) -> None:
        assert not only({"1_a.sql": f"-- migrate:up transaction:false\n{CONCURRENT}"}).transactional
        assert only({"1_a.sql": f"-- migrate:up\n{CONCURRENT}"}).transactional

    def test_a_section_of_several_statements_shares_a_transaction_whatever_its_marker_says(self) -> None:
        # dbmate sends the section whole: PostgreSQL refuses CONCURRENTLY in it.
        assert only({"1_a.sql": f"-- migrate:up transaction:false\n{CONCURRENT}\n{T}"}).transactional
        pragma = "PRAGMA foreign_keys = off;"
        assert not only({"1_a.sql": f"-- migrate:up transaction:false\n{pragma}\n{T}"}).transactional

    def test_several_pairs_of_sections_run_one_after_another_on_their_own_lines(self) -> None:
        text = (
            f"-- migrate:up\n{T}\n-- migrate:down\nDROP TABLE t;\n"
            f"-- migrate:up transaction:false\n{CONCURRENT}\n-- migrate:down\nDROP INDEX i;\n"
        )
        step = only({"1_a.sql": text})
        assert not step.transactional
        assert step.up.split() == f"{T} {CONCURRENT}".split()
        assert (step.down or "").split() == "DROP TABLE t; DROP INDEX i;".split()
        for part, line in ((step.up, step.up_line), (step.down or "", step.down_line)):
            for number, content in enumerate(part.splitlines()):
                if content:
                    assert text.splitlines()[line - 1 + number] == content

    def test_files_run_in_the_order_of_their_names_as_text(self) -> None:
        assert versions(read_migrations({"10_a.sql": self.TEXT, "2_b.sql": self.TEXT})) == ["10", "2"]

    def test_an_empty_down_is_no_way_back(self) -> None:
        step = only({"1_a.sql": f"-- migrate:up\n{T}\n-- migrate:down\n\n"})
        assert (step.down, step.down_path) == (None, "")

    def test_files_without_a_section_are_noted(self) -> None:
        folder = read_migrations({"1_a.sql": self.TEXT, "schema.sql": T})
        assert (folder.format, folder.notes) == ("dbmate", ("left out, without a dbmate up section: schema.sql",))

    def test_a_folder_without_any_section_is_refused_where_the_format_was_named(self) -> None:
        with pytest.raises(MigrationFormatError, match="no file holds a dbmate up section"):
            read_migrations({"1_a.sql": T}, format="dbmate")


class TestGoose:
    def test_sections_are_read_with_statement_markers_left_as_comments(self) -> None:
        function = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
        body = f"-- +goose StatementBegin\n{function}\n-- +goose StatementEnd\n"
        step = only({"00001_a.sql": f"-- +goose Up\n{body}-- +goose Down\nDROP FUNCTION f;\n"})
        assert (step.up, step.up_line) == (body, 2)
        assert (step.down, step.down_line) == ("DROP FUNCTION f;\n", 6)

    def test_a_file_may_refuse_a_transaction(self) -> None:
        assert not only({"1_a.sql": f"-- +goose NO TRANSACTION\n-- +goose Up\n{CONCURRENT}"}).transactional
        assert only({"1_a.sql": f"-- +goose Up\n{T}"}).transactional

    def test_versions_are_numbers(self) -> None:
        assert versions(read_migrations({"10_a.sql": f"-- +goose Up\n{T}", "2_b.sql": f"-- +goose Up\n{T}"})) == [
            "2",
            "10",
        ]

    def test_two_files_of_one_version_are_refused(self) -> None:
        with pytest.raises(MigrationFormatError, match="version 1 exists twice"):
            read_migrations({"1_a.sql": f"-- +goose Up\n{T}", "1_b.sql": f"-- +goose Up\n{T}"})


class TestSqitch:
    PLAN = (
        "%syntax-version=1.0.0\n%project=p\n\n"
        "users 2024-01-01T00:00:00Z A <a@b> # one\n@v1 2024 A <a@b>\norders [users] 2024\n"
    )

    def test_the_plan_gives_the_order(self) -> None:
        files = {
            "sqitch.plan": self.PLAN,
            "deploy/orders.sql": "SELECT 2;",
            "deploy/users.sql": "SELECT 1;",
            "revert/users.sql": "SELECT -1;",
            "verify/users.sql": "SELECT 0;",
        }
        folder = read_migrations(files)
        assert (folder.format, versions(folder)) == ("sqitch", ["1", "2"])
        first, second = folder.migrations
        assert (first.name, first.up, first.down, first.down_path) == (
            "users",
            "SELECT 1;",
            "SELECT -1;",
            "revert/users.sql",
        )
        assert (second.name, second.down) == ("orders", None)

    def test_scripts_keep_their_own_transactions(self) -> None:
        assert not only({"sqitch.plan": "a 2024\n", "deploy/a.sql": "BEGIN; SELECT 1; COMMIT;"}).transactional

    def test_a_reworked_change_keeps_its_first_script_under_the_tag(self) -> None:
        plan = "a 2024\n@v1 2024\nb 2024\n@v2 2024\na [a@v2] 2024\n"
        files = {
            "sqitch.plan": plan,
            "deploy/a@v2.sql": "SELECT 1;",
            "deploy/b.sql": "SELECT 2;",
            "deploy/a.sql": "SELECT 3;",
        }
        assert [step.up for step in read_migrations(files).migrations] == ["SELECT 1;", "SELECT 2;", "SELECT 3;"]

    def test_without_a_plan_there_is_no_order(self) -> None:
        with pytest.raises(MigrationFormatError, match=r"there is no sqitch\.plan"):
            read_migrations({"deploy/a.sql": T}, format="sqitch")

    def test_a_change_without_its_script_is_refused(self) -> None:
        with pytest.raises(MigrationFormatError, match=r"names b, but deploy/b\.sql does not exist"):
            read_migrations({"sqitch.plan": "a 2024\nb 2024\n", "deploy/a.sql": T})


class TestPrisma:
    def test_folders_are_migrations(self) -> None:
        files = {
            "20240202_b/migration.sql": T,
            "20240101_a/migration.sql": T,
            "20240101_a/down.sql": "DROP TABLE t;",
            "migration_lock.toml": 'provider = "postgresql"\n',
        }
        folder = read_migrations(files)
        assert (folder.format, folder.dialect) == ("prisma", "postgresql")
        assert [(step.version, step.name) for step in folder.migrations] == [("20240101", "a"), ("20240202", "b")]
        assert folder.migrations[0].down_path == "20240101_a/down.sql"

    def test_one_concurrent_statement_alone_runs_outside_a_transaction(self) -> None:
        assert not only({"1_a/migration.sql": f"-- CreateIndex\n{CONCURRENT}\n"}).transactional
        assert only({"1_a/migration.sql": f"{T}\n{CONCURRENT}\n"}).transactional

    def test_a_file_whose_fate_depends_on_the_version_of_prisma_is_noted(self) -> None:
        folder = read_migrations({"1_a/migration.sql": T, "2_b/migration.sql": f"{T}\n{CONCURRENT}\n"})
        (note,) = folder.notes
        assert "before 7.4" in note and note.endswith(": 2_b/migration.sql")
        assert not read_migrations({"1_a/migration.sql": T, "2_b/migration.sql": CONCURRENT}).notes

    def test_two_folders_of_one_time_are_told_apart_by_name(self) -> None:
        assert versions(read_migrations({"1_a/migration.sql": T, "1_b/migration.sql": T})) == ["1", "1_b"]

    def test_the_lock_file_names_the_database(self) -> None:
        files = {"1_a/migration.sql": T}
        assert read_migrations({**files, "migration_lock.toml": 'provider = "sqlite"'}).dialect == "sqlite"
        with pytest.raises(MigrationFormatError, match=r"migration_lock\.toml: mysql cannot be rehearsed"):
            read_migrations({**files, "migration_lock.toml": 'provider = "mysql"'})


class TestDrizzle:
    @staticmethod
    def journal(*tags: str, dialect: str = "postgresql") -> str:
        entries = [{"idx": number, "tag": tag} for number, tag in enumerate(tags)]
        return json.dumps({"version": "7", "dialect": dialect, "entries": entries[::-1]})

    def test_the_journal_gives_the_order(self) -> None:
        body = f"{T}\n--> statement-breakpoint\nSELECT 1;"
        files = {"meta/_journal.json": self.journal("0001_z", "0000_a"), "0000_a.sql": T, "0001_z.sql": body}
        folder = read_migrations(files)
        assert (folder.format, versions(folder)) == ("drizzle", ["0001", "0000"])
        assert folder.migrations[0].up == body

    def test_the_newer_form_is_one_folder_a_migration(self) -> None:
        files = {f"{name}/{file}": "{}" for name in ("2_b", "1_a") for file in ("migration.sql", "snapshot.json")}
        folder = read_migrations(files)
        assert (folder.format, versions(folder)) == ("drizzle", ["1", "2"])
        assert [step.name for step in folder.migrations] == ["a", "b"]

    def test_a_file_that_only_the_journal_knows_is_refused(self) -> None:
        with pytest.raises(MigrationFormatError, match=r"_journal\.json names 0001_b, but 0001_b\.sql does not exist"):
            read_migrations({"meta/_journal.json": self.journal("0000_a", "0001_b"), "0000_a.sql": T})

    @pytest.mark.parametrize("text", ["{", "[]", "{}", '{"entries": 1}', '{"entries": [{"tag": "a"}]}', "[" * 100_000])
    def test_a_journal_of_another_shape_is_refused(self, text: str) -> None:
        with pytest.raises(MigrationFormatError, match=r"meta/_journal\.json is not a Drizzle journal"):
            read_migrations({"meta/_journal.json": text, "0000_a.sql": T})

    def test_the_journal_names_the_database(self) -> None:
        backticks = {"0000_a.sql": "CREATE TABLE `t` (`a` integer);"}
        assert (
            read_migrations({"meta/_journal.json": self.journal("0000_a", dialect="sqlite"), **backticks}).dialect
            == "sqlite"
        )
        with pytest.raises(MigrationFormatError, match="mysql cannot be rehearsed"):
            read_migrations({"meta/_journal.json": self.journal("0000_a", dialect="mysql"), **backticks})


class TestAnyFolder:
    @pytest.mark.parametrize("files", [{}, {"readme.json": "{}"}])
    def test_a_folder_without_sql_is_refused_with_what_was_looked_for(self, files: dict[str, str]) -> None:
        with pytest.raises(MigrationFormatError, match=r"db holds no \.sql file; looked for Drizzle .*Flyway .*goose"):
            read_migrations(files, "db")

    def test_an_unknown_format_is_refused_with_those_known(self) -> None:
        with pytest.raises(
            MigrationFormatError, match="unknown format 'rails'; known: drizzle, prisma, sqitch, flyway"
        ):
            read_migrations({"1_a.sql": T}, format="rails")

    def test_a_format_that_does_not_fit_is_refused(self) -> None:
        with pytest.raises(MigrationFormatError, match="db holds no migration of the format Flyway"):
            read_migrations({"1_a.sql": T}, "db", "flyway")

    @pytest.mark.parametrize(
        "sql", ["CREATE TABLE `t` (a int);", "CREATE TABLE t (a int AUTO_INCREMENT);", f"{T[:-1]} ENGINE=InnoDB;"]
    )
    def test_mysql_is_refused_by_name(self, sql: str) -> None:
        with pytest.raises(MigrationFormatError, match=r"1_a\.sql is MySQL; PostgreSQL and SQLite"):
            read_migrations({"1_a.sql": sql})

    @pytest.mark.parametrize(
        "sql", ["CREATE TABLE `t` (a integer PRIMARY KEY AUTOINCREMENT);", "PRAGMA foreign_keys = ON;"]
    )
    def test_sqlite_is_recognised_by_what_only_it_has(self, sql: str) -> None:
        assert read_migrations({"1_a.sql": sql}).dialect == "sqlite"
        assert read_migrations({"1_a.sql": T}).dialect == "postgresql"

    def test_placeholders_are_filled_in_both_ways(self) -> None:
        files = {"1_a.up.sql": "SELECT ${schema}.f(), :OWNER, x::TEXT", "1_a.down.sql": "DROP SCHEMA ${schema}"}
        (step,) = read_migrations(files, placeholders={"schema": "app", "OWNER": "me"}).migrations
        assert (step.up, step.down) == ("SELECT app.f(), me, x::TEXT", "DROP SCHEMA app")

    def test_placeholders_without_a_value_stay_and_are_noted(self) -> None:
        folder = read_migrations({"1_a.sql": "SELECT ${b}, :SCHEMA.x, ${a}"}, placeholders={"a": "1"})
        assert folder.migrations[0].up == "SELECT ${b}, :SCHEMA.x, 1"
        assert folder.notes == ("placeholders without a value: ${b}, :SCHEMA",)

    def test_layouts_show_in_the_names_alone_where_they_can(self) -> None:
        assert detect(["meta/_journal.json", "0000_a.sql"]) == "drizzle"
        assert detect(["1_a/migration.sql"]) == "prisma"
        assert detect(["sqitch.plan"]) == "sqitch"
        assert detect(["V1__a.sql"]) == "flyway"
        assert detect(["1_a.up.sql"]) == "up-down"
        assert detect(["1_a.sql"]) == "plain"
        assert detect(["a.txt"]) == ""

    def test_the_hash_of_a_folder_changes_with_any_text_and_with_the_order(self) -> None:
        base = read_migrations({"1_a.up.sql": T, "1_a.down.sql": "x"}).content_hash
        assert base == read_migrations({"1_a.down.sql": "x", "1_a.up.sql": T}).content_hash
        assert base != read_migrations({"1_a.up.sql": T, "1_a.down.sql": "y"}).content_hash
        assert base != read_migrations({"2_a.up.sql": T, "2_a.down.sql": "x"}).content_hash


NAMES = st.text(st.sampled_from("0123456789²½٣VUR_.-/abé updownmigration"), min_size=1, max_size=20)
ENDS = st.sampled_from([".sql", ".up.sql", ".down.sql", "/migration.sql", ".json", ".plan"])
TEXTS = st.sampled_from(
    ["", T, "-- migrate:up\nx", "-- +goose Up\n-- +goose Down\ny", "a 1\n@t\na 2", '{"entries": []}', "${x}"]
)


@given(
    st.dictionaries(
        st.one_of(st.builds(str.__add__, NAMES, ENDS), st.sampled_from(["sqitch.plan", "meta/_journal.json"])), TEXTS
    ),
    st.sampled_from(["", "nonsense", *(layout.name for layout in LAYOUTS)]),
)
def test_any_folder_is_read_or_refused_in_words(files: dict[str, str], format: str) -> None:
    try:
        folder = read_migrations(files, "db", format)
    except MigrationFormatError as error:
        assert str(error)
        return
    assert len(set(versions(folder))) == len(folder.migrations) > 0
    for step in folder.migrations:
        assert step.path in files
        line = files[step.path].splitlines(keepends=True)
        assert "".join(line[step.up_line - 1 :]).startswith(step.up)
