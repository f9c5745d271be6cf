"""A misspelt option, variable or value stops the start, and says what was probably meant."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from server.cli.parser import build_parser
from server.settings import Address, Settings, SettingsError, settings_from


def parsed(*arguments: str, **environ: str) -> Settings:
    variables = {f"BACKEND_ARCHITECT_{name.upper()}": value for name, value in environ.items()}
    return settings_from(build_parser().parse_args(list(arguments)), variables)


def refused(*arguments: str, **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        parsed(*arguments, **environ)
    return str(caught.value)


def exit_message(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(list(arguments))
    assert caught.value.code == 2
    return capsys.readouterr().err.splitlines()[0]


def test_without_options_the_current_folder_is_the_workspace_and_stdio_the_transport() -> None:
    settings = parsed()
    assert settings.workspace == Path.cwd()
    assert settings.http is None and not settings.read_only


def test_options_win_over_variables_and_may_stand_before_or_after_the_command(tmp_path: Path) -> None:
    assert parsed("--workspace", str(tmp_path), workspace="/").workspace == tmp_path
    assert parsed("--workspace", str(tmp_path), "serve").workspace == tmp_path
    assert parsed("serve", "--workspace", str(tmp_path)).workspace == tmp_path
    assert parsed("--read-only", "serve").read_only
    assert parsed(read_only="yes").read_only
    assert not parsed(read_only="0").read_only


def test_every_value_is_read() -> None:
    settings = parsed(
        *("--toolsets", "schema,plans", "--database-url", "postgresql://u@h/d", "--allow-target", "api.test"),
        *("--allow-target", "B.test", "--http", "[::1]:8000", "--allowed-host", "a:*"),
        *("--allowed-origin", "https://a.test", "--redis-url", "redis://c/0", "--log-level", "DEBUG"),
    )
    assert settings.toolsets == {"schema", "plans"}
    assert settings.allow_target == {"api.test", "b.test"}
    assert settings.http == Address("::1", 8000) and str(settings.http) == "[::1]:8000"
    assert (settings.allowed_host, settings.allowed_origin) == (("a:*",), ("https://a.test",))
    assert settings.log_level == "debug"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--read-onyl"], "backend-architect: unknown option '--read-onyl'. Did you mean '--read-only'?"),
        (["--read-o"], "backend-architect: unknown option '--read-o'. Did you mean '--read-only'?"),
        (["--workspce", "x"], "backend-architect: unknown option '--workspce'. Did you mean '--workspace'?"),
        (["serve", "--toolset=schema"], "backend-architect: unknown option '--toolset'. Did you mean '--toolsets'?"),
        (["rules", "--since", "3"], "backend-architect: --since is not an option of this command"),
        (["serve", "extra"], "backend-architect: unexpected argument 'extra'"),
    ],
)
def test_a_misspelt_option_ends_the_start_with_code_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert exit_message(capsys, *arguments) == message


def test_a_misspelt_command_ends_the_start_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_message(capsys, "reherse") == snapshot(
        "backend-architect: there is no command 'reherse'. Did you mean 'rehearse'? Known: serve, rehearse, review, "
        "scaffold, exercise, design, contract, explain, statistics, call, rules, doctor, demo"
    )


def test_an_ordinary_argument_parser_would_take_the_abbreviation() -> None:
    """The weakened twin of our parser."""
    ordinary = argparse.ArgumentParser()
    ordinary.add_argument("--read-only", action="store_true")
    assert ordinary.parse_args(["--read-o"]).read_only


def test_a_misspelt_variable_of_ours_stops_the_start_and_others_are_not_looked_at() -> None:
    assert refused(readonly="1") == snapshot(
        "unknown environment variable BACKEND_ARCHITECT_READONLY. Did you mean 'BACKEND_ARCHITECT_READ_ONLY'?"
    )
    assert settings_from(build_parser().parse_args([]), {"BACKEND_ARCHITEKT_X": "1", "PATH": "/"}) == parsed()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--workspace", "/no/such"], "--workspace: /no/such is not a folder"),
        (["--toolsets", "schemas"], "--toolsets: there is no toolset 'schemas'. Did you mean 'schema'?"),
        (["--toolsets", ","], "--toolsets: name at least one"),
        (["--database-url", "mysql://h/secretpw"], "--database-url: must start with postgresql:// or"),
        (["--redis-url", "localhost"], "--redis-url: must start with redis://"),
        (["--allow-target", "http://h"], "--allow-target: 'http://h' is not a host name"),
        (["--http", "8000"], "--http: '8000' is not HOST:PORT"),
        (["--http", "h:99999"], "--http: 'h:99999' is not HOST:PORT"),
        (["--http", "127.0.0.1:1", "--allowed-host", "*"], "--allowed-host: '*' is not HOST"),
        (["--http", "127.0.0.1:1", "--allowed-origin", "a.test"], "--allowed-origin: 'a.test' is not an origin"),
        (["--allowed-host", "a"], "options for hosts, origins and bearer tokens need --http"),
        (["--log-level", "loud"], "--log-level: 'loud' is not one of"),
        (["--http", "0.0.0.0:80"], "--http 0.0.0.0:80 can be reached from other machines"),
        (["--http", "127.0.0.1:1", "--bearer-audience", "x"], "--bearer-audience and --bearer-issuer need"),
        (["--bearer-key", "/no/such"], "--bearer-key: /no/such is not a file"),
    ],
)
def test_a_value_that_cannot_be_meant_stops_the_start(arguments: list[str], message: str) -> None:
    text = refused(*arguments)
    assert text.startswith(message)
    assert "secretpw" not in text


def test_variables_are_checked_like_options() -> None:
    assert refused(read_only="maybe") == "--read-only: 'maybe' is neither true nor false"
    assert refused(http="127.0.0.1:1", bearer_token="short").startswith("--bearer-token: the token needs at least 16")


def test_another_machine_may_call_only_with_a_token(tmp_path: Path) -> None:
    assert parsed("--http", "0.0.0.0:80", bearer_token="0123456789abcdef").wants_bearer
    key = tmp_path / "key.pem"
    key.write_text("x")
    assert refused("--http", "0.0.0.0:80", "--bearer-key", str(key)).startswith("--bearer-key needs --bearer-audience")
