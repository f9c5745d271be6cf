"""The commands as people and CI run them."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli import main

COMMAND = [sys.executable, "-m", "backend_architect"]
FLAWED = "create table users (id bigint primary key);\ncreate table posts (id int, user_id bigint references users);\n"
SOUND = "create table users (id uuid primary key, at timestamptz not null);\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "flawed.sql").write_text(FLAWED)
    (tmp_path / "sound.sql").write_text(SOUND)
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "001_users.up.sql").write_text(FLAWED)
    (folder / "001_users.down.sql").write_text("drop table posts; drop table users;\n")
    (folder / "002_index.up.sql").write_text("create index on posts (user_id);\n")
    (folder / "002_index.down.sql").write_text("drop index posts_user_id_idx;\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_review_finds_proves_and_exits_with_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "flawed.sql"]) == 1
    out = capsys.readouterr()
    assert out.out.startswith("FINDINGS: ")
    assert "no-primary-key" in out.out and "observed:" in out.out
    assert out.err == ""


def test_review_of_a_sound_file_exits_with_0(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "sound.sql"]) == 0
    assert capsys.readouterr().out.startswith("PASS: ")


def test_review_without_proving_reads_only(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["review", "flawed.sql", "--no-prove", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert {item["basis"] for finding in report["findings"] for item in finding["evidence"]} <= {"derived", "assumed"}


def test_a_written_baseline_silences_what_it_holds(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "flawed.sql", "--write-baseline", "accepted.json"]) == 0
    assert main(["review", "flawed.sql", "--baseline", "accepted.json"]) == 0
    (project / "flawed.sql").write_text(FLAWED + "create table more (a int);\n")
    assert main(["review", "flawed.sql", "--baseline", "accepted.json"]) == 1
    capsys.readouterr()


def test_review_of_only_what_changed_in_git(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t.test", "-c", "init.defaultBranch=main"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True, cwd=project)
    assert main(["review", "flawed.sql", "--changed"]) == 0
    (project / "flawed.sql").write_text(FLAWED + "create table more (a int);\n")
    assert main(["review", "flawed.sql", "--changed", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out.partition("\n{")[2].join(["{", ""]))
    assert {finding["location"]["line"] for finding in report["findings"]} == {3}


def test_rules_can_be_chosen_and_ignored(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "flawed.sql", "--rule", "no-primary-key", "--format", "json"]) == 1
    assert {item["rule"] for item in json.loads(capsys.readouterr().out)["findings"]} == {"no-primary-key"}
    main(["review", "flawed.sql", "--ignore", "no-primary-key", "--format", "json"])
    assert "no-primary-key" not in {item["rule"] for item in json.loads(capsys.readouterr().out)["findings"]}
    assert main(["review", "flawed.sql", "--rule", "no-primry-key"]) == 2
    assert "no-primary-key" in capsys.readouterr().err


def test_rehearse_runs_up_down_and_up(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "migrations"]) == 1
    out = capsys.readouterr().out
    assert "index-not-concurrent" in out and "002_index.up.sql:1:1" in out
    assert main(["rehearse", "migrations", "--since", "002", "--format", "json"]) in (0, 1)
    report = json.loads(capsys.readouterr().out)
    assert {finding["location"]["path"] for finding in report["findings"]} <= {"migrations/002_index.up.sql"}


def test_a_folder_outside_the_current_one_is_its_own_workspace(
    project: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert main(["rehearse", str(project / "migrations")]) == 1
    assert main(["rehearse", str(project / "migrations"), "--workspace", "."]) == 2
    assert "outside the workspace" in capsys.readouterr().err


def test_call_takes_json_arguments_strictly(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", "review_schema", "--json", '{"path": "sound.sql"}']) == 0
    assert main(["call", "review_schema", "--json", '{"pth": "sound.sql"}']) == 2
    assert "Did you mean 'path'?" in capsys.readouterr().err
    assert main(["call", "review_shema"]) == 2
    assert "Did you mean 'review_schema'?" in capsys.readouterr().err
    for text in ("[]", "{", "nonsense"):
        assert main(["call", "review_schema", "--json", text]) == 2
    assert main(["--read-only", "call", "migrate_backend", "--json", '{"path": "migrations", "action": "apply"}']) == 2
    assert "--read-only" in capsys.readouterr().err


def test_sql_is_read_from_standard_input(project: Path) -> None:
    ended = subprocess.run([*COMMAND, "review", "-"], input=FLAWED, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1 and "no-primary-key" in ended.stdout


def test_a_report_can_go_to_a_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "flawed.sql", "--format", "sarif", "--output", "out.sarif"]) == 1
    assert json.loads((project / "out.sarif").read_text())["version"] == "2.1.0"
    assert capsys.readouterr().out == ""


def test_rules_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    assert "`no-primary-key`" in capsys.readouterr().out
    assert main(["rules", "no-primary-key"]) == 0
    assert capsys.readouterr().out.startswith("# no-primary-key")
    assert main(["rules", "no-primary-key", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["id"] == "no-primary-key"
    assert main(["rules", "no-primry-key"]) == 2


def test_doctor_reports_engines_and_extras(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "postgresql server: PostgreSQL" in capsys.readouterr().out
    assert main(["doctor", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_doctor_fails_where_no_engine_can_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--engine-url", "postgresql://u:hunter2pw@127.0.0.1:1/x", "doctor"]) == 2
    assert "hunter2pw" not in capsys.readouterr().out


def test_a_missing_file_is_an_error_without_a_traceback(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "nothing.sql"]) == 2
    err = capsys.readouterr().err
    assert "nothing.sql does not exist" in err and "Traceback" not in err


def test_ctrl_c_ends_with_130_and_leaves_no_server(project: Path) -> None:
    (project / "migrations" / "003_never.up.sql").write_text("select pg_sleep(300);\n")
    primary, secondary = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "rehearse", "migrations", "--timeout-seconds", "600"],
        stdout=subprocess.PIPE,
        stderr=secondary,
        text=True,
        start_new_session=True,
    )
    os.close(secondary)
    seen = b""
    try:
        while b"003_never" not in seen and b"never" not in seen:
            seen += os.read(primary, 4096)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    finally:
        os.close(primary)
        process.kill()
    assert process.returncode == 130
    assert not children_of(process.pid)


def children_of(session: int) -> list[str]:
    """Processes of a session that still live."""
    listed = subprocess.run(["ps", "-o", "pid=,stat=", "-s", str(session)], capture_output=True, text=True)
    return [line for line in listed.stdout.splitlines() if " Z" not in line]


def test_progress_is_drawn_only_on_a_terminal(project: Path) -> None:
    quiet = subprocess.run([*COMMAND, "rehearse", "migrations"], capture_output=True, text=True, timeout=120)
    assert quiet.stderr == ""
    assert "\x1b" not in quiet.stdout
