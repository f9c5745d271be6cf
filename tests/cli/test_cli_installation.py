"""Packages of ours with common names: nobody's shadow falls on them, and theirs on nobody."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import backend_architect

ROOT = Path(backend_architect.__file__).resolve().parent
NAMES = ("server", "tools", "backend", "knowledge")


@pytest.fixture
def shadows(tmp_path: Path) -> Path:
    """A project with packages called like ours, each of which fails when it is imported."""
    for name in NAMES:
        package = tmp_path / name
        package.mkdir()
        (package / "__init__.py").write_text(f"raise SystemExit('shadowed by {name}')\n")
    return tmp_path


def run_in(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def console_script() -> str:
    return str(Path(sysconfig.get_path("scripts")) / "backend-architect")


def test_a_users_own_packages_do_not_shadow_ours(shadows: Path) -> None:
    for command in ([console_script()], [sys.executable, "-m", "backend_architect"]):
        ended = run_in(shadows, *command, "rules")
        assert ended.returncode == 0, ended.stderr
        assert "`no-primary-key`" in ended.stdout


def test_without_claiming_the_import_path_they_would(shadows: Path) -> None:
    """The weakened twin."""
    program = "import server.cli; raise SystemExit(server.cli.main(['rules']))"
    ended = run_in(shadows, sys.executable, "-c", program)
    assert "shadowed by server" in ended.stderr


def test_claiming_twice_changes_nothing() -> None:
    before = list(sys.path)
    backend_architect.claim_import_path()
    backend_architect.claim_import_path()
    assert sys.path == before or sys.path[0] == str(backend_architect.home())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the checkout."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "--quiet", "--wheel-dir", str(target)]
    subprocess.run([*command, "--disable-pip-version-check"], check=True, timeout=300)
    (built,) = target.glob("*.whl")
    return built


def test_the_wheel_puts_nothing_but_our_private_folder_and_the_launcher_into_site_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"_backend_architect", "backend_architect.py"}
    for name in NAMES:
        assert f"_backend_architect/{name}/__init__.py" in names
    ours = [name for name in names if "/templates" not in name]  # which hold the tests of scaffolded projects
    assert not [name for name in ours if "tests/" in name or name.endswith(".pyc")]
    assert "_backend_architect/backend/scaffold/templates/project/pyproject.toml.j2" in names


def test_the_installed_script_works_and_is_not_shadowed(wheel: Path, shadows: Path, tmp_path: Path) -> None:
    home = tmp_path / "fresh"
    venv.create(home, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    # The dependencies are those of the running environment: only our own distribution is installed anew.
    outer = sysconfig.get_path("purelib")
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install", "--no-deps", "--quiet"]
    subprocess.run([*pip, "--no-index", "--disable-pip-version-check", str(wheel)], check=True, timeout=300)
    (site / "outer.pth").write_text(f"{outer}\n")
    ended = run_in(shadows, str(home / "bin" / "backend-architect"), "rules", "no-primary-key")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("# no-primary-key")
    program = "import backend_architect, server; print(server.__file__)"
    where = run_in(shadows, str(home / "bin" / "python"), "-c", program).stdout
    assert where.startswith(str(site / "_backend_architect"))
