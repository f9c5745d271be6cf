"""Which rule of ours says what which rule of the linters says, and why the numbers of places differ."""

from __future__ import annotations

from dataclasses import dataclass

SHARED = "a part that several places refer to is told once, where it stands; there at every reference"
BOTH = "a response that is missing counts twice there, once more for its content"
ONCE = "what holds for the whole document is told once"
EXAMPLES = (
    "one place an example; Redocly reports each fault, and takes every property that is not listed and writeOnly ones "
    "in answers for faults; Spectral an example without a value"
)
WEBHOOKS = "the linter also judges webhooks and callbacks, which the client serves"


@dataclass(frozen=True)
class Pair:
    """One subject: the rules about it, and what explains the difference."""

    ours: tuple[str, ...]
    spectral: tuple[str, ...] = ()
    redocly: tuple[str, ...] = ()
    why: str = ""


def _pair(ours: str, spectral: str = "", redocly: str = "", why: str = "") -> Pair:
    return Pair(tuple(ours.split()), tuple(spectral.split()), tuple(redocly.split()), why)


def _owasp(*names: str) -> str:
    return " ".join(f"owasp:{name}" for name in names)


PAIRS = (
    _pair("doc-valid-structure doc-version-keywords", "oas2-schema oas3-schema", "struct"),
    _pair(
        "doc-unused-components",
        "oas2-unused-definition oas3-unused-component",
        "no-unused-components",
        "what only unused components refer to is unused as well; Spectral counts any reference",
    ),
    _pair("info-contact", "info-contact contact-properties", "info-contact"),
    _pair("info-license", "info-license license-url", "info-license", "Spectral's is off unless it is asked for"),
    _pair("info-description", "info-description", ""),
    _pair("srv-defined", "oas2-api-host oas3-api-servers", "no-empty-servers"),
    _pair("srv-https-only", _owasp("api8:2023-no-server-http", "api8:2023-no-scheme-http"), ""),
    _pair("srv-no-example-host", "oas2-host-not-example oas3-server-not-example.com", "no-server-example.com"),
    _pair(
        "srv-inventory",
        _owasp("api9:2023-inventory-access", "api9:2023-inventory-environment"),
        "",
        "two faults of one server are told at one place",
    ),
    _pair("path-unique", "path-params", "no-identical-paths"),
    _pair(
        "path-unambiguous",
        "",
        "no-ambiguous-paths",
        "told only where a method is common to both and the types of the placeholders let the same URL in",
    ),
    _pair("path-kebab-case", "", "paths-kebab-case", WEBHOOKS),
    _pair(
        "path-plural",
        "",
        "path-segment-plural",
        "only collections (a segment before a placeholder) must be plural; there every segment, /login too",
    ),
    _pair(
        "path-no-verbs",
        "",
        "no-http-verbs-in-paths",
        "words like find and upload are verbs as well; there HTTP's methods alone, but also inside of words (budGETs)",
    ),
    _pair("path-verb-order", "", "path-http-verbs-order", "one place a path; there one an operation"),
    _pair("op-id-present", "operation-operationId", "operation-operationId", WEBHOOKS),
    _pair("op-summary", "", "operation-summary", WEBHOOKS),
    _pair("op-description", "operation-description", "operation-description", WEBHOOKS),
    _pair("op-tag-defined", "operation-tag-defined", "operation-tag-defined", WEBHOOKS),
    _pair("tags-sorted", "openapi-tags-alphabetical", "tags-alphabetical", "one place a document"),
    _pair("tags-description", "tag-description", "tag-description", "Spectral's is off unless it is asked for"),
    _pair("param-description", "", "parameter-description", SHARED),
    _pair("param-boolean-prefix", "", "boolean-parameter-prefixes", "a setting, off by default: rule sets contradict"),
    _pair(
        "param-serialization",
        "",
        "array-parameter-serialization",
        "the defaults of style and explode are unambiguous; only what has no meaning is told",
    ),
    _pair("param-ssrf-url", _owasp("api7:2023-concerning-url-parameter"), ""),
    _pair(
        "req-media-type",
        "",
        "request-mime-type",
        "told where a type is a range or unfit for its schema; Redocly's list of types is empty until it is set",
    ),
    _pair(
        "resp-media-type",
        "",
        "response-mime-type",
        "told where a type is a range or unfit for its schema; Redocly's list of types is empty until it is set",
    ),
    _pair("resp-success", "operation-success-response", "operation-2xx-response", "a redirect is a success as well"),
    _pair(
        "resp-client-error",
        "",
        "operation-4xx-response",
        f"a default response counts, and an operation without input and credentials can hardly fail; {WEBHOOKS}",
    ),
    _pair(
        "resp-error-schema",
        "",
        "operation-4xx-problem-details-rfc7807",
        "RFC 9457 is a setting; by default one and the same shape everywhere is enough, and each other shape told once",
    ),
    _pair(
        "resp-401",
        _owasp("api8:2023-define-error-responses-401"),
        "",
        f"only operations that need credentials; {BOTH}; {WEBHOOKS}",
    ),
    _pair("resp-429", _owasp("api4:2023-rate-limit-responses-429"), "", f"4XX and default count; {BOTH}"),
    _pair("resp-500", _owasp("api8:2023-define-error-responses-500"), "", f"5XX and default count; {BOTH}"),
    _pair(
        "resp-validation-error",
        _owasp("api8:2023-define-error-validation"),
        "",
        f"4XX and default count, and only operations with input can fail validation; {WEBHOOKS}",
    ),
    _pair(
        "resp-rate-limit-headers",
        _owasp("api4:2023-rate-limit"),
        "",
        "told where 429 is declared without headers; where there is no limit at all, resp-429 says so",
    ),
    _pair("resp-cors-header", _owasp("api8:2023-define-cors-origin"), "", ONCE),
    _pair(
        "sec-write-protected sec-read-protected",
        _owasp("api2:2023-write-restricted", "api2:2023-read-restricted"),
        "security-defined",
        ONCE,
    ),
    _pair(
        "sec-scheme-defined sec-scopes-defined",
        "oas2-operation-security-defined oas3-operation-security-defined",
        "",
        "two alternatives with the same missing scope are one place",
    ),
    _pair(
        "sec-no-credential-in-url",
        _owasp("api2:2023-no-credentials-in-url"),
        "",
        "a cursor called continuationToken is no credential",
    ),
    _pair("sec-no-key-in-url", _owasp("api2:2023-no-api-keys-in-url"), ""),
    _pair("sec-no-basic", _owasp("api2:2023-no-http-basic"), ""),
    _pair(
        "sec-jwt-bcp",
        _owasp("api2:2023-jwt-best-practices"),
        "",
        "only schemes that say their tokens are JWTs; there every OAuth 2 scheme",
    ),
    _pair(
        "sec-short-lived",
        _owasp("api2:2023-short-lived-access-tokens"),
        "",
        "only flows in which a person signs in: the others have no refresh token (RFC 6749)",
    ),
    _pair(
        "id-no-sequential", _owasp("api1:2023-no-numeric-ids"), "", f"ids in schemas as well as parameters; {SHARED}"
    ),
    _pair(
        "schema-string-bounded",
        _owasp("api4:2023-string-limit"),
        "required-string-property-missing-min-length",
        "only what clients send, as length attacks come from them; formats of fixed length and enums are bounded",
    ),
    _pair(
        "schema-string-restricted",
        _owasp("api4:2023-string-restricted"),
        "",
        "only what clients send; free text cannot be restricted by a pattern and is asked for a length alone",
    ),
    _pair(
        "schema-integer-bounded",
        _owasp("api4:2023-integer-limit", "api4:2023-integer-limit-legacy"),
        "",
        "only what clients send; a format with a range of its own is a bound",
    ),
    _pair("schema-integer-format", _owasp("api4:2023-integer-format"), ""),
    _pair("schema-array-bounded", _owasp("api4:2023-array-limit"), "", "only what clients send"),
    _pair(
        "schema-closed-objects",
        _owasp("api3:2023-no-additionalProperties", "api3:2023-constrained-additionalProperties"),
        "",
        "only what clients send, and maps without listed properties are meant as maps",
    ),
    _pair("schema-nullable", "", "nullable-type-sibling"),
    _pair(
        "schema-composition-sane",
        "",
        "no-illogical-composition-keywords",
        "oneOf with one member is how 3.0 makes a reference nullable: not told; contradictions are",
    ),
    _pair(
        "schema-required-defined", "", "no-required-schema-properties-undefined", "one place a schema; there one a name"
    ),
    _pair("ex-valid-media", "oas3-valid-media-example", "no-invalid-media-type-examples", EXAMPLES),
    _pair(
        "ex-valid-schema",
        "oas2-valid-schema-example oas3-valid-schema-example",
        "no-invalid-schema-examples",
        "formats such as uri are held differently everywhere: not told; Redocly also gives up on nullable without type",
    ),
    _pair(
        "ex-valid-param",
        "",
        "no-invalid-parameter-examples",
        "a header's example is text on the wire, whatever YAML made of it: 12345 is an example of a string",
    ),
    _pair(
        "ex-one-source",
        "oas3-examples-value-or-externalValue",
        "",
        "an example with neither is an empty one, which OpenAPI allows; told is the one with both",
    ),
    _pair("ex-present", "", "scalar-property-missing-example", "one example of a body or schema is enough"),
)
