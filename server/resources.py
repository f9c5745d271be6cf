"""Resources: the rules, and the parts of finished runs."""

from __future__ import annotations

from collections.abc import Iterable

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from backend.runs import RunStore
from server.closest import did_you_mean
from server.rule_pages import rule_ids, rule_index, rule_page

RULE = "architect://rules/{rule}"
RUN_REPORT = "architect://runs/{run}/report.json"
RUN_ARTIFACT = "architect://runs/{run}/{artifact}"
MAX_COMPLETIONS = 100


def add_resources(server: MCPServer, runs: RunStore) -> None:
    """Register the resources of a server whose runs are kept in ``runs``."""

    @server.resource(
        "architect://rules",
        name="rules",
        title="All rules",
        mime_type="text/markdown",
        description="Index of the rules: id, severity and claim, a line each.",
    )
    def index() -> str:
        return rule_index()

    @server.resource(
        RULE,
        name="rule",
        title="One rule",
        mime_type="text/markdown",
        description="What a rule claims, why, when it does not apply, and its examples.",
    )
    def one_rule(rule: str) -> str:
        try:
            return rule_page(rule)
        except KeyError:
            raise ResourceNotFoundError(f"There is no rule {rule!r}.{did_you_mean(rule, rule_ids())}") from None

    @server.resource(
        RUN_REPORT,
        name="report",
        title="Report of a run",
        mime_type="application/json",
        description="Everything one tool call found, whole.",
    )
    def report(run: str) -> str:
        try:
            return runs.get(run).model_dump_json(exclude={"artifacts": {"__all__": {"text"}}})
        except KeyError:
            raise _no_run(run, runs) from None

    @server.resource(
        RUN_ARTIFACT,
        name="artifact",
        title="Document of a run",
        description="A document that a tool call made; its result names them.",
    )
    def artifact(run: str, artifact: str) -> str:
        try:
            kept = runs.get(run)
        except KeyError:
            raise _no_run(run, runs) from None
        try:
            return runs.artifact(run, artifact).text
        except KeyError:
            names = ", ".join(["report.json", *(item.name for item in kept.artifacts)])
            raise ResourceNotFoundError(f"Run {run} has no document {artifact!r}. It has: {names}.") from None


def add_completion(server: MCPServer, runs: RunStore) -> None:
    """Offer rule ids, run ids and names of documents as completions."""

    @server.completion()  # type: ignore[no-untyped-call, untyped-decorator]
    async def complete(
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion | None:
        if not isinstance(ref, ResourceTemplateReference):
            return None
        chosen = (context.arguments if context else None) or {}
        values = sorted(
            value for value in _candidates(ref.uri, argument.name, chosen, runs) if value.startswith(argument.value)
        )
        return Completion(values=values[:MAX_COMPLETIONS], total=len(values), has_more=len(values) > MAX_COMPLETIONS)


def _candidates(template: str, name: str, chosen: dict[str, str], runs: RunStore) -> Iterable[str]:
    match template, name:
        case "architect://rules/{rule}", "rule":
            return rule_ids()
        case "architect://runs/{run}/report.json" | "architect://runs/{run}/{artifact}", "run":
            return runs.ids()
        case "architect://runs/{run}/{artifact}", "artifact" if chosen.get("run") in runs.ids():
            return ["report.json", *(item.name for item in runs.get(chosen["run"]).artifacts)]
    return ()


def _no_run(run: str, runs: RunStore) -> ResourceNotFoundError:
    newest = ", ".join(reversed(runs.ids()[-5:])) or "none"
    return ResourceNotFoundError(
        f"There is no run {run!r}; a server keeps its newest {runs.capacity}. "
        f"Newest first: {newest}. Call the tool again."
    )
