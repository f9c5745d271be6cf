"""What must hold for the repository as a whole."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LARGEST_MODULE = 400
LOCK_FILES = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "uv.lock", "poetry.lock")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users|work|opt)/\w+")
PIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][A-Za-z0-9.!+_-]*")


def _files() -> list[str]:
    """What git tracks, and what it would track: everything that is not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def _lint_imports(folder: Path, config: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", str(config), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_imports_only_point_down() -> None:
    done = _lint_imports(ROOT, ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_import_that_points_up_would_be_found(tmp_path: Path) -> None:
    for package in ("server", "tools", "backend", "knowledge"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / "knowledge" / "upward.py").write_text("import server\n")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    done = _lint_imports(tmp_path, tmp_path / "pyproject.toml")
    assert done.returncode != 0
    assert "knowledge.upward -> server" in done.stdout


def test_no_lock_file_is_kept() -> None:
    assert [name for name in _files() if Path(name).name in LOCK_FILES] == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = [
        (name, match[0])
        for name in _files()
        if not name.startswith("tests/")  # the tests of confinement need paths outside
        for match in MACHINE_PATH.finditer(_text(name))
    ]
    assert found == []


def test_no_module_is_larger_than_a_reader_can_hold() -> None:
    modules = [name for name in _files() if name.endswith(".py") and not name.startswith("tests/")]
    sizes = {name: len(_text(name).splitlines()) for name in modules}
    assert {name: size for name, size in sizes.items() if size > LARGEST_MODULE} == {}


def test_every_module_says_what_it_is_for() -> None:
    packages = ("server/", "tools/", "backend/", "knowledge/")
    silent = [
        name
        for name in _files()
        if name.startswith(packages) and name.endswith(".py") and _text(name).strip()
        if ast.get_docstring(ast.parse(_text(name))) is None
    ]
    assert silent == []


def test_all_manifests_carry_the_version_of_the_distribution() -> None:
    version = PROJECT["project"]["version"]
    registry = json.loads(_text("server.json"))
    plugin = json.loads(_text(".claude-plugin/plugin.json"))
    command = json.loads(_text(".mcp.json"))["mcpServers"][PROJECT["project"]["name"]]
    assert registry["version"] == version
    assert [package["version"] for package in registry["packages"]] == [version]
    assert plugin["version"] == version
    assert command["args"] == [f"{PROJECT['project']['name']}@{version}"]


def test_the_registry_entry_keeps_the_rules_of_the_registry() -> None:
    entry = json.loads(_text("server.json"))
    assert entry["$schema"].endswith("/2025-12-11/server.schema.json")
    assert len(entry["description"]) <= 100
    assert re.fullmatch(r"[A-Za-z0-9.-]+/[A-Za-z0-9._-]+", entry["name"])
    assert f"<!-- mcp-name: {entry['name']} -->" in _text("README.md")
    assert [package["identifier"] for package in entry["packages"]] == [PROJECT["project"]["name"]]


def test_the_pins_are_names_and_versions_and_cover_what_is_required() -> None:
    pins = _text("pins.txt").splitlines()
    assert [line for line in pins if not PIN.fullmatch(line)] == []
    pinned = {_normal(line.partition("==")[0]) for line in pins}
    required = {_normal(re.split(r"[\[<>=!~; ]", line)[0]) for line in _requirements()}
    assert required - pinned == set()
    assert _normal(PROJECT["project"]["name"]) not in pinned


def _requirements() -> list[str]:
    return [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_has_an_upper_bound() -> None:
    extras = [line for lines in PROJECT["project"]["optional-dependencies"].values() for line in lines]
    assert [line for line in [*_requirements(), *extras] if "<" not in line] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it would be published."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_puts_nothing_but_one_module_and_one_private_folder_into_site_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {name for name in tops if not name.endswith(".dist-info")} == {"backend_architect.py", "_backend_architect"}


def test_the_wheel_works_among_packages_of_the_same_names_and_brings_the_examples(wheel: Path, tmp_path: Path) -> None:
    site, project = tmp_path / "site", tmp_path / "project"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for name in ("server", "tools", "backend", "knowledge", "examples"):
        (project / name).mkdir(parents=True)
        (project / name / "__init__.py").write_text("raise RuntimeError('the package of the project')\n")
    program = (
        "import backend_architect, pathlib, tempfile\n"
        "from tools.registry import all_tools\n"
        "from server.cli.demo import copy_example\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    copied = copy_example(pathlib.Path(folder))\n"
        "    print(len(list(copied.glob('db/migrations/*.sql'))), *(tool.name for tool in all_tools()))\n"
        "print(backend_architect.home())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=project,
        env={"PYTHONPATH": f"{project}:{site}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, home = done.stdout.splitlines()
    assert first.startswith("9 ")
    assert "migrate_backend" in first
    assert Path(home) == site / "_backend_architect"
