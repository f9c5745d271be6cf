"""``python -m benchmarks.eval_scaffold``: scaffolded projects put through everything, too long for every change.

A shop that is killed in the middle of 1,000 orders; random blueprints and every name that means something elsewhere
through the checks of their own projects; every edit with every change of the blueprint; a newcomer's first minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import backend_architect  # noqa: F401  (claims the import path)

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "scaffold"), str(ROOT / "tests" / "blueprint")]

from acceptance_kill import Ordeal, emits_after_commit, ordeal, shop_with_recorder  # noqa: E402
from acceptance_names import nasty_names  # noqa: E402
from acceptance_projects import Finding, findings_of  # noqa: E402
from acceptance_upgrades import EDITS, EVOLUTIONS, TOGETHER, Renderer, findings_after, merged, old_database  # noqa: E402
from blueprint_strategies import DRAWN, blueprints  # noqa: E402
from hypothesis import given, seed, settings  # noqa: E402
from rendered_projects import example, write_project  # noqa: E402

from backend.engines.postgres.host import PostgresHost  # noqa: E402
from knowledge.blueprint.model import Blueprint  # noqa: E402
from knowledge.blueprint.writer import write_blueprint  # noqa: E402

PORT = 8000
"""Where ``python -m app`` serves."""

Failures = list[str]


def main() -> None:
    """Run the parts that are named, or all; ends with 1 where something failed."""
    parts: dict[str, Callable[[argparse.Namespace], Failures]] = {
        "kill": killed,
        "random": random_projects,
        "names": named_projects,
        "upgrades": upgrades,
        "newcomer": newcomer,
    }
    parser = argparse.ArgumentParser(prog="eval_scaffold", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="which; all without any")
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--writes", type=int, default=1000, help="orders while the shop is killed")
    parser.add_argument("--kills", type=int, default=6, help="of the application and of its worker, each")
    parser.add_argument("--blueprints", type=int, default=20, help="random ones")
    options = parser.parse_args()
    failed = 0
    for name in options.parts or parts:
        started = time.monotonic()
        failures = parts[name](options)
        failed += bool(failures)
        print(f"{name}: {'failed' if failures else 'passed'} in {time.monotonic() - started:.0f} s", flush=True)
        for failure in failures:
            print(failure)
    sys.exit(bool(failed))


def killed(options: argparse.Namespace) -> Failures:
    """The shop loses nothing, tells of everything once; its twin that emits after the commit does not."""

    async def run() -> Failures:
        host = PostgresHost()
        plan = Ordeal(options.writes, options.kills, options.seed)
        try:
            with folder() as sound, folder() as weak:
                balance, kills = await ordeal(shop_with_recorder(sound), host, plan)
                twin, _ = await ordeal(emits_after_commit(shop_with_recorder(weak)), host, plan)
        finally:
            await host.aclose()
        print(f"kills {dict(kills)}: {balance}\ntwin: {twin}")
        lost = [] if balance.exact and balance.rows == options.writes else [f"seed {options.seed}: {balance}"]
        return lost if twin.untold else [*lost, f"the weakened twin was not caught: {twin}"]

    return asyncio.run(run())


def random_projects(options: argparse.Namespace) -> Failures:
    """Projects of random blueprints pass their own checks."""
    failures: Failures = []

    @seed(options.seed)
    @settings(parent=DRAWN, max_examples=options.blueprints, database=None)
    @given(blueprint=blueprints())
    def check(blueprint: Blueprint) -> None:
        failures.extend(_told(blueprint))

    check()
    return failures


def named_projects(_options: argparse.Namespace) -> Failures:
    """Every name that means something elsewhere is only a name."""
    return [failure for blueprint in nasty_names() for failure in _told(blueprint)]


def _told(blueprint: Blueprint) -> Iterator[str]:
    with folder() as place:
        found = findings_of(blueprint, place)
    if found:
        yield "\n".join([write_blueprint(blueprint), *map(str, found)])


def upgrades(_options: argparse.Namespace) -> Failures:
    """Every edit with every change, and after each change a shop with all edits that passes its checks."""
    render, failures = Renderer(), list[str]()
    with folder() as old:
        database = old_database(render, old)
        for evolution in EVOLUTIONS:
            for change, each in EDITS.items():
                try:
                    with folder() as place:
                        merged(render, place, {change: each}, evolution)
                except AssertionError as error:
                    failures.append(f"{change} with {evolution}: {error}")
            with folder() as place:
                found = findings_after(merged(render, place, TOGETHER, evolution), database)
            failures += [f"{evolution}: {finding}" for finding in found]
    return failures


def newcomer(_options: argparse.Namespace) -> Failures:
    """A fresh environment, the three commands of the README, and a worker that stops when it is told to."""
    with folder() as place:
        blog = write_project(example("blog"), place / "blog")
        venv.create(place / "venv", with_pip=True)
        python = str(place / "venv" / "bin" / "python")
        said = [
            _ran(blog, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", ".[dev]"),
            _ran(blog, python, "-m", "pytest", "-q"),
        ]
        if not any(said):
            said += [_serves(blog, python), _works(blog, python)]
    return [each for each in said if each]


def _ran(place: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr)[-4000:] if done.returncode else ""


def _serves(blog: Path, python: str) -> str:
    with _started(blog, python, "app") as process:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=2) as answer:
                    return str(Finding("healthz", str(answer.status))) if answer.status != 200 else ""
            except OSError:
                if process.poll() is not None:
                    break
                time.sleep(0.1)
        return str(Finding("python -m app", "does not answer"))


def _works(blog: Path, python: str) -> str:
    with _started(blog, python, "app.worker") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Worker started" in line:
                process.send_signal(signal.SIGTERM)
                code = process.wait(20)
                return str(Finding("worker", f"exit code {code} after SIGTERM")) if code else ""
        return str(Finding("worker", f"ended by itself with {process.wait()}"))


@contextmanager
def _started(blog: Path, python: str, module: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [python, "-m", module],
        cwd=blog,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="scaffolded-") as name:
        yield Path(name)


if __name__ == "__main__":
    main()
