"""The conformance suite's tools and prompts that ask the client something. Test-only.

Before 2026-07-28 the server calls the client in the middle of a request; from then on it answers
``input_required`` and the client calls again with the answers.
"""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from mcp.types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
    ListRootsRequest,
    SamplingMessage,
    TextContent,
)

Question = CreateMessageRequest | ListRootsRequest | ElicitRequest
Answered = str | InputRequiredResult
Ctx = Context[Any, Any]

DEFAULTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": True},
    },
}
ENUMS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
        "titledSingle": {
            "type": "string",
            "oneOf": [{"const": "value1", "title": "First Option"}, {"const": "value2", "title": "Second Option"}],
        },
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": {
            "type": "array",
            "items": {"type": "string", "enum": ["option1", "option2", "option3"]},
        },
        "titledMulti": {
            "type": "array",
            "items": {"anyOf": [{"const": "value1", "title": "First"}, {"const": "value2", "title": "Second"}]},
        },
    },
}


def add_questions(server: MCPServer[Any]) -> None:
    """Add the asking tools and prompts to ``server``."""
    _add_calls_to_the_client(server)
    _add_single_questions(server)
    _add_question_rounds(server)
    _add_capability_checks(server)


def ask(message: str, **fields: str) -> ElicitRequest:
    """A form with required ``fields`` (name -> JSON type)."""
    schema = {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in fields.items()},
        "required": list(fields),
    }
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def sample(text: str, max_tokens: int = 100) -> CreateMessageRequest:
    """A question to the client's model."""
    messages = [SamplingMessage(role="user", content=TextContent(type="text", text=text))]
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=messages, max_tokens=max_tokens))


def required(state: str | None = None, **questions: Question) -> InputRequiredResult:
    """The answer that asks ``questions``."""
    return InputRequiredResult(input_requests=dict(questions), request_state=state)


def answer(ctx: Ctx, name: str) -> Any:
    """What the client answered to the question ``name``, or None."""
    return (ctx.input_responses or {}).get(name)


def filled(ctx: Ctx, name: str) -> dict[str, Any]:
    """The fields of an accepted form, or nothing."""
    found = answer(ctx, name)
    return dict(found.content or {}) if isinstance(found, ElicitResult) and found.action == "accept" else {}


def _add_calls_to_the_client(server: MCPServer[Any]) -> None:
    @server.tool(description="Asks the client's model, before 2026-07-28.", structured_output=False)
    async def test_sampling(prompt: str, ctx: Ctx) -> str:
        request = sample(prompt).params
        related = ctx.request_id  # in the stream of the call: the other one may not be open yet
        result = await ctx.session.create_message(request.messages, max_tokens=100, related_request_id=related)
        return f"LLM response: {getattr(result.content, 'text', '')}"

    async def form(ctx: Ctx, message: str, schema: dict[str, Any]) -> str:
        result = await ctx.session.elicit_form(message, schema, related_request_id=ctx.request_id)
        return f"action={result.action}, content={result.content}"

    @server.tool(description="Asks the user, before 2026-07-28.", structured_output=False)
    async def test_elicitation(message: str, ctx: Ctx) -> str:
        fields = ask(message, username="string", email="string").params
        assert isinstance(fields, ElicitRequestFormParams)
        return "User response: " + await form(ctx, message, fields.requested_schema)

    @server.tool(description="Asks with a default in every field.", structured_output=False)
    async def test_elicitation_sep1034_defaults(ctx: Ctx) -> str:
        return "Elicitation completed: " + await form(ctx, "Please confirm", DEFAULTS)

    @server.tool(description="Asks with all kinds of choices.", structured_output=False)
    async def test_elicitation_sep1330_enums(ctx: Ctx) -> str:
        return "Elicitation completed: " + await form(ctx, "Please choose", ENUMS)


def _add_single_questions(server: MCPServer[Any]) -> None:
    @server.tool(description="Asks for a name.", structured_output=False)
    async def test_input_required_result_elicitation(ctx: Ctx) -> Answered:
        name = filled(ctx, "user_name").get("name")
        return f"Hello, {name}!" if name else required(user_name=ask("What is your name?", name="string"))

    @server.tool(description="Asks the client's model.", structured_output=False)
    async def test_input_required_result_sampling(ctx: Ctx) -> Answered:
        found = answer(ctx, "capital_question")
        if found is None:
            return required(capital_question=sample("What is the capital of France?"))
        return str(getattr(found.content, "text", ""))

    @server.tool(description="Asks for the client's roots.", structured_output=False)
    async def test_input_required_result_list_roots(ctx: Ctx) -> Answered:
        found = answer(ctx, "client_roots")
        if found is None:
            return required(client_roots=ListRootsRequest())
        return ", ".join(str(root.uri) for root in found.roots)

    @server.prompt(description="A prompt that asks first.")
    async def test_input_required_result_prompt(ctx: Context) -> Any:  # type: ignore[type-arg]
        context = filled(ctx, "user_context").get("context")
        question = ask("What context should the prompt use?", context="string")
        return f"Use this context: {context}" if context else required(user_context=question)


def _add_question_rounds(server: MCPServer[Any]) -> None:
    @server.tool(description="Keeps a state between two calls.", structured_output=False)
    async def test_input_required_result_request_state(ctx: Ctx) -> Answered:
        if ctx.request_state == "asked" and filled(ctx, "confirm"):
            return "state-ok"
        return required("asked", confirm=ask("Please confirm", ok="boolean"))

    @server.tool(description="Keeps a state that nobody else can make.", structured_output=False)
    async def test_input_required_result_tampered_state(ctx: Ctx) -> Answered:
        if ctx.request_state == "asked" and filled(ctx, "confirm"):
            return "state-ok"
        return required("asked", confirm=ask("Please confirm", ok="boolean"))

    @server.tool(description="Asks three things at once.", structured_output=False)
    async def test_input_required_result_multiple_inputs(ctx: Ctx) -> Answered:
        questions: dict[str, Question] = {
            "user_name": ask("What is your name?", name="string"),
            "greeting": sample("Generate a greeting", 50),
            "client_roots": ListRootsRequest(),
        }
        if all(answer(ctx, name) is not None for name in questions):
            return "All three were answered."
        return required("asked", **questions)

    @server.tool(description="Asks one thing after the other.", structured_output=False)
    async def test_input_required_result_multi_round(ctx: Ctx) -> Answered:
        if ctx.request_state is None:
            return required("first", step1=ask("Step 1: What is your name?", name="string"))
        if ctx.request_state == "first":
            return required("second", step2=ask("Step 2: What is your favorite color?", color="string"))
        return "Both steps were answered."


def _add_capability_checks(server: MCPServer[Any]) -> None:
    @server.tool(description="Asks only what the client can answer.", structured_output=False)
    async def test_input_required_result_capabilities(ctx: Ctx) -> Answered:
        if ctx.input_responses:
            return "Answered."
        can = ctx.client_capabilities
        questions: dict[str, Question] = {}
        if can and can.elicitation:
            questions["user_name"] = ask("What is your name?", name="string")
        if can and can.sampling:
            questions["greeting"] = sample("Generate a greeting", 50)
        return required(**questions) if questions else "This client can answer nothing."

    @server.tool(description="Needs a client with a model.", structured_output=False)
    async def test_missing_capability(ctx: Ctx) -> str:
        if ctx.client_capabilities is None or ctx.client_capabilities.sampling is None:
            raise MCPError(
                MISSING_REQUIRED_CLIENT_CAPABILITY,
                "This tool needs the sampling capability.",
                {"requiredCapabilities": {"sampling": {}}},
            )
        return "The client has a model."

    @server.tool(description="Asks within a stream.", structured_output=False)
    async def test_streaming_elicitation(ctx: Ctx) -> Answered:
        name = filled(ctx, "user_name").get("name")
        return f"Hello, {name}!" if name else required(user_name=ask("What is your name?", name="string"))
