"""The options of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from server.cli.strict_parser import StrictParser
from server.settings import add_options

FORMATS = ("text", "json", "sarif", "github", "gitlab")
SEVERITIES = ("high", "medium", "low")
EPILOG = "Exit codes: 0 nothing found, 1 findings, 2 error or nothing could be tested, 130 interrupted."


def build_parser() -> StrictParser:
    """The parser of all commands; without a command, ``serve`` is meant."""
    parser = StrictParser(
        prog="backend-architect",
        description="A backend architect whose every statement was executed before it is said.",
        epilog=EPILOG,
    )
    add_options(parser)
    parser.set_defaults(module="serve")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, (summary, declare) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary, epilog=EPILOG)
        add_options(command)
        declare(command)
        command.set_defaults(module=name)
    return parser


def _serve(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def _call(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tool", metavar="TOOL", help="name of the tool, as in review_schema")
    parser.add_argument("--json", metavar="TEXT", default="{}", help="arguments as a JSON object; - reads them")
    _output(parser)


def _rehearse(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("path", metavar="DIR", help="the migrations folder")
    add("--since", metavar="VERSION", help="trace only versions after this one")
    _git(parser)
    add("--layout", metavar="NAME", help="how the folder is laid out, as in flyway; default: recognised")
    add("--placeholder", metavar="NAME=VALUE", action="append", help="value of a placeholder in the SQL")
    add("--allow-project-code", action="store_true", help="may run Alembic or Django of the project")
    add("--seed-rows", metavar="N", type=int, help="generated rows a table")
    add("--timeout-seconds", metavar="N", type=int, help="limit of one statement")
    add("--no-prove", action="store_true", help="do not run the proposed rewrites")
    _output(parser)


def _review(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("path", metavar="PATH", help="SQL file or migrations folder; - reads SQL from standard input")
    _git(parser)
    add("--baseline", metavar="FILE", help="JSON file of accepted findings")
    add("--write-baseline", metavar="FILE", help="accept what is found now: write it there")
    add("--rule", metavar="ID", action="append", help="only this rule (may be repeated)")
    add("--ignore", metavar="ID", action="append", help="not this rule (may be repeated)")
    add("--no-prove", action="store_true", help="read the text only, execute nothing")
    _output(parser)


def _scaffold(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("path", metavar="DIR", help="folder of the project, new or to be upgraded")
    add("--blueprint", metavar="FILE", help="default: blueprint.yaml in DIR")
    add("--stack", choices=("python", "typescript"), help="of a new project (default: python)")
    add("--apply", metavar="HASH", help="carry out the plan with this hash; without it, nothing is written")
    _output(parser)


def _exercise(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("path", metavar="DIR|URL", help="the project's folder, or the loopback URL of a backend that runs")
    add("--app", metavar="MODULE:APP", help="what to start; default: a scaffolded project's own")
    add("--engine", choices=("sqlite", "postgres", "postgres+redis"), help="what it runs on (default: sqlite)")
    add("--check", metavar="NAME", action="append", help="smoke, access, laws, ... (see docs/backend.md)")
    add("--cases", metavar="N", type=int, help="requests of the fuzz (default: 1000)")
    add("--seconds", metavar="N", type=int, help="limit of each check (default: 60)")
    add("--seed", metavar="N", type=int, help="other requests; a failure comes again with its own seed")
    add("--token", metavar="CALLER=TOKEN", action="append", help="of owner, other, other_tenant or admin")
    add("--keep", metavar="DIR", help="write the regression tests, tables and plots there")
    _output(parser)


def _design(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("design", metavar="WHAT", help="a feature in words, a table of --on, or a blueprint's file or text")
    add("--on", metavar="PATH", help="project, blueprint or schema to build on")
    add("--as", dest="as_format", metavar="FORMAT", action="append", help="also write it as graphql, prisma, ...")
    add("--rows", metavar="TABLE=N", action="append", help="how many rows a table has, as in orders=2M")
    add("--keep", metavar="DIR", help="write the contract, code, diagrams and SQL there")
    _output(parser)


def _contract(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("path", metavar="FILE", help="OpenAPI document or GraphQL schema; - reads it from standard input")
    add("--older", metavar="FILE", help="the earlier version: tells what the new one breaks")
    add("--profile", metavar="NAME", action="append", help="default, documentation, style, hardening, design or all")
    add("--policy", metavar="NAME=VALUE", action="append", help="a setting of your house, as in paging=cursor")
    add("--ignore", metavar="ID", action="append", help="not this rule (may be repeated)")
    add("--baseline", metavar="FILE", help="JSON file of accepted findings; --keep writes one")
    add("--allow", metavar="FILE", help="YAML file of exceptions, each with its reason")
    add("--url", metavar="URL", help="also call the application at this loopback URL")
    add("--project", metavar="DIR", help="also start and call the application of this project")
    add("--app", metavar="MODULE:APP", help="what to start of it; default: a scaffolded project's own")
    add("--token", metavar="CALLER=TOKEN", action="append", help="of owner, other, other_tenant or admin")
    add("--keep", metavar="DIR", help="write patch, baseline, changes and all findings there")
    _output(parser)


def _explain(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("path", metavar="PATH", nargs="?", help="SQL, a plan or a query log; - reads SQL or a plan from standard input")
    add("--sql", metavar="TEXT", help="the query, where PATH is its plan")
    add("--ddl", metavar="PATH", help="schema: SQL file, migrations folder or SQLite file")
    add("--rows", metavar="TABLE=N", action="append", help="how many rows a table has, as in orders=2M")
    add("--statistics", metavar="FILE", help="exported statistics: see `backend-architect statistics`")
    add("--older-plan", metavar="FILE", help="a plan to compare with")
    add("--database", action="store_true", help="use the database of --database-url, read-only")
    add("--analyze", action="store_true", help="execute the query there, if all it can reach only reads")
    add("--engine", choices=("postgresql", "sqlite"), help="what the query is for (default: postgresql)")
    add("--budget-mb", metavar="N", type=int, help="room for the indexes of a workload (default: 500)")
    add("--keep", metavar="DIR", help="write the picture, the tree and the indexes there")
    _output(parser)


def _statistics(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--redact", action="store_true", help="replace texts inside the server, so that none leaves it")


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text or json")


def _demo(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def _rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", default="", help="a rule; without it, all are listed")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text or json")


def _git(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--changed", action="store_true", help="only what changed in git since --base")
    parser.add_argument("--base", metavar="REVISION", help="git revision for --changed (default: HEAD)")


def _output(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--format", choices=FORMATS, default="text", help="text (default), json, sarif, github or gitlab")
    add("--output", metavar="FILE", help="write there instead of to standard output")
    add("--fail-on", choices=SEVERITIES, default="low", help="least severity that makes exit code 1 (default: low)")


Declare = Callable[[argparse.ArgumentParser], None]
COMMANDS: dict[str, tuple[str, Declare]] = {
    "serve": ("serve MCP over stdio, or over HTTP with --http (the default command)", _serve),
    "rehearse": ("run a migrations folder on a private database and report what each statement does", _rehearse),
    "review": ("review a SQL file, a schema or a migrations folder", _review),
    "scaffold": ("plan a backend from a blueprint, or its upgrade, and apply the plan", _scaffold),
    "exercise": ("run a backend and try to break it: access, contract fuzz, races, N+1, load, outages", _exercise),
    "design": ("design an endpoint, run it, and show contract, SQL and plans", _design),
    "contract": ("review an API's contract, and tell what a new version breaks", _contract),
    "explain": ("explain a query, a plan or a log of queries, with indexes and rewrites that were tried", _explain),
    "statistics": ("print the query that exports a database's statistics, for psql -XAt", _statistics),
    "call": ("call any tool with JSON arguments", _call),
    "rules": ("list the rules, or show one", _rules),
    "doctor": ("check the engines and optional packages of this machine", _doctor),
    "demo": ("rehearse a bundled flawed project and show the evidence", _demo),
}
