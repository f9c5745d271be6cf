"""exercise_backend as a tool: what it refuses, what it finds, and what it leaves for the user to keep."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from knowledge.report import Outcome, Report, Severity
from tools.exercise_backend import ExerciseBackendRequest, run
from tools.scaffold_backend import Action, ScaffoldBackendRequest
from tools.scaffold_backend import run as scaffold
from tools.spec import ToolError
from tools.toolbox import Toolbox

BLOG = (Path(__file__).parents[2] / "examples" / "blog.yaml").read_text(encoding="utf-8")

FAULTY = """\
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Word(BaseModel):
    text: str


@app.post("/words", status_code=201)
async def create_word(word: Word) -> Word:
    if len(word.text) > 40:
        raise RuntimeError("too long for the column")
    return word
"""


@pytest.fixture
async def blog(toolbox: Toolbox) -> Toolbox:
    plan = await scaffold(ScaffoldBackendRequest(path="blog", blueprint=BLOG), toolbox)
    agreed = ScaffoldBackendRequest(path="blog", blueprint=BLOG, action=Action.APPLY, plan_hash=plan.fact("plan_hash"))
    await scaffold(agreed, toolbox)
    return toolbox


async def exercise(toolbox: Toolbox, **arguments: object) -> Report:
    return await run(ExerciseBackendRequest.model_validate({"allow_project_code": True, **arguments}), toolbox)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"allow_project_code": False}, "Pass allow_project_code=true"),
        ({"path": "nowhere"}, "nowhere does not exist"),
        ({"path": "."}, "was not made by scaffold_backend; say what to start"),
        ({"checks": ["fuz"]}, "there is no 'fuz'; choose from smoke"),
        ({"tokens": ["owner"]}, "write owner=TOKEN"),
        ({"url": "http://127.0.0.1:1"}, "nothing answers at"),
        ({"url": "http://192.0.2.1"}, "not this machine"),
        ({"url": "http://127.0.0.1:1", "tokens": ["root=x"]}, "no caller is called root"),
        ({"app": "missing:app"}, "No module named 'missing'"),
    ],
)
async def test_what_cannot_be_exercised_is_refused_with_what_to_do(
    toolbox: Toolbox, arguments: dict[str, object], told: str
) -> None:
    with pytest.raises(ToolError, match=told):
        await exercise(toolbox, **arguments)


async def test_a_scaffolded_blog_breaks_nowhere(blog: Toolbox) -> None:
    report = await exercise(blog, path="blog", checks=["smoke", "access", "fuzz"], cases=300)
    assert report.outcome is Outcome.PASS, report.findings
    assert "nothing broke" in report.headline
    assert report.fact("operations") == "21 of 21 reached"
    matrix = next(artifact.text for artifact in report.artifacts if artifact.name == "access.txt")
    assert "POST /api/v1/posts" in matrix


async def test_a_backend_of_another_making_is_exercised_and_its_fault_kept_as_a_test(
    toolbox: Toolbox, tmp_path: Path
) -> None:
    (tmp_path / "faulty.py").write_text(FAULTY, encoding="utf-8")
    report = await exercise(toolbox, app="faulty:app", checks=["fuzz"], cases=300)
    crash = next(finding for finding in report.findings if finding.rule == "fuzz.server-error")
    assert crash.severity is Severity.HIGH
    assert crash.subject == "POST /words"
    assert "curl -i -X POST" in crash.evidence[-1].action
    kept = next(artifact for artifact in report.artifacts if artifact.name == "test_regressions.py")
    (tmp_path / kept.name).write_text(kept.text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "server_error", kept.name]
    broken = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert broken.returncode == 1, broken.stdout
    (tmp_path / "faulty.py").write_text(FAULTY.replace("> 40", "> 40_000_000"), encoding="utf-8")
    mended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert mended.returncode == 0, mended.stdout


async def test_a_check_that_cannot_run_is_not_tested_rather_than_passed(toolbox: Toolbox, tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text(FAULTY, encoding="utf-8")
    report = await exercise(toolbox, app="faulty:app", checks=["faults"])
    assert any("no resource can be created, listed and marked" in reason for reason in report.not_tested)


async def test_the_secret_tokens_are_signed_with_is_in_nothing_that_is_told(blog: Toolbox) -> None:
    report = await exercise(blog, path="blog", checks=["smoke"])
    assert "eyJ" not in report.model_dump_json()
