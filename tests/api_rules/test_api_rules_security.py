"""Traps of rules about security: what is open on purpose, ways in, versions, secrets that are none."""

from __future__ import annotations

import pytest
from rule_hits import messages, of_paths, places

BEARER = "components: {securitySchemes: {bearer: {type: http, scheme: bearer}}}\n"


def operation(method: str = "post", path: str = "/orders", security: str = "", more: str = BEARER) -> str:
    """A document with one operation; ``security`` is its requirement."""
    own = f"security: {security}, " if security else ""
    return of_paths(f"paths:\n  {path}:\n    {method}: {{{own}responses: {{'200': {{description: A.}}}}}}\n{more}")


def scheme(text: str, version: str = "3.1") -> str:
    """A document with one security scheme."""
    holder = (
        f"securityDefinitions: {{s: {text}}}" if version == "2.0" else f"components: {{securitySchemes: {{s: {text}}}}}"
    )
    return of_paths(f"paths: {{}}\n{holder}\n", version)


def oauth(flows: str) -> str:
    """A document with an OAuth scheme."""
    return scheme(f"{{type: oauth2, flows: {flows}}}")


class TestProtection:
    @pytest.mark.parametrize("security", ["[]", "[{}]", "[{}, {bearer: []}]", "[{bearer: []}]"])
    def test_what_an_operation_says_itself_counts(self, security: str) -> None:
        assert messages("sec-write-protected", operation(security=security)) == []
        assert messages("sec-read-protected", operation("get", security=security)) == []

    def test_what_the_document_says_counts_for_all(self) -> None:
        text = operation(more=f"security: [{{bearer: []}}]\n{BEARER}")
        assert messages("sec-write-protected", text) == []
        assert messages("sec-write-protected", operation(more=f"security: []\n{BEARER}")) == []

    @pytest.mark.parametrize(
        "path",
        ["/login", "/auth/sign-in/login", "/oauth/token", "/sessions", "/users/password-reset", "/webhooks/stripe"],
    )
    def test_the_ways_in_are_open(self, path: str) -> None:
        assert messages("sec-write-protected", operation(path=path)) == []

    @pytest.mark.parametrize("method", ["get", "head", "options", "query"])
    def test_reading_changes_nothing(self, method: str) -> None:
        assert messages("sec-write-protected", operation(method)) == []

    def test_a_document_without_schemes_is_told_once(self) -> None:
        text = of_paths("""
        paths:
          /a: {post: {responses: {'200': {description: A.}}}}
          /b: {delete: {responses: {'204': {description: A.}}}}
        """)
        assert len(messages("sec-write-protected", text)) == 1
        assert messages("sec-read-protected", operation("get", more="")) == []

    def test_callbacks_are_for_others_to_protect(self) -> None:
        text = of_paths(
            f"paths: {{}}\nwebhooks: {{paid: {{post: {{responses: {{'200': {{description: A.}}}}}}}}}}\n{BEARER}"
        )
        assert messages("sec-write-protected", text) == []

    @pytest.mark.parametrize("path", ["/health", "/healthz", "/.well-known/jwks.json", "/openapi.json", "/v1/status"])
    def test_what_everybody_may_know_is_open(self, path: str) -> None:
        assert messages("sec-read-protected", operation("get", path)) == []


class TestRequirements:
    def test_every_place_of_a_requirement_is_looked_at(self) -> None:
        text = operation(security="[{bearer: [], other: []}]", more=f"security: [{{third: []}}]\n{BEARER}")
        assert places("sec-scheme-defined", text) == ["paths//orders/post/security/0/other", "security/0/third"]

    def test_scopes_of_any_flow_count_and_roles_of_3_1_are_free(self) -> None:
        flows = (
            "{clientCredentials: {tokenUrl: https://a.test, scopes: {a: A.}}, "
            "authorizationCode: {authorizationUrl: https://a.test, tokenUrl: https://a.test, scopes: {b: B.}}}"
        )
        more = (
            "components: {securitySchemes: {o: {type: oauth2, flows: " + flows + "}, k: {type: http, scheme: bearer}, "
            "c: {type: openIdConnect, openIdConnectUrl: https://a.test}}}\n"
        )
        assert (
            messages("sec-scopes-defined", operation(security="[{o: [a, b], c: [x]}, {k: [admin]}]", more=more)) == []
        )
        assert len(messages("sec-scopes-defined", operation(security="[{o: [a, c]}]", more=more))) == 1
        older = operation(security="[{k: [admin]}]", more=more).replace("3.1.0", "3.0.3")
        assert len(messages("sec-scopes-defined", older)) == 1
        assert messages("sec-scoped", operation(security="[{c: []}, {k: []}]", more=more)) == []
        assert len(messages("sec-scoped", operation(security="[{o: []}]", more=more))) == 1

    def test_an_admin_scheme_or_scope_of_its_own_is_distinct(self) -> None:
        def text(admin: str, path: str = "/admin/users") -> str:
            return of_paths(f"""
            paths:
              /orders: {{get: {{security: [{{o: [read]}}], responses: {{'200': {{description: A.}}}}}}}}
              {path}: {{get: {{security: [{admin}], responses: {{'200': {{description: A.}}}}}}}}
            """)

        assert len(messages("sec-admin-distinct", text("{o: [read]}"))) == 1
        assert messages("sec-admin-distinct", text("{o: [admin]}")) == []
        assert messages("sec-admin-distinct", text("{o: [read], mfa: []}")) == []
        assert messages("sec-admin-distinct", text("{o: [read]}", "/admin-areas")) == []


class TestSchemes:
    @pytest.mark.parametrize(
        "text, version",
        [
            ("{type: apiKey, name: k, in: cookie}", "3.1"),
            ("{type: mutualTLS}", "3.1"),
            ("{type: http, scheme: bearer}", "3.0"),
            ("{type: basic}", "2.0"),
            ("{type: apiKey, name: k, in: header}", "2.0"),
            (
                "{type: oauth2, flow: accessCode, authorizationUrl: https://a.test, tokenUrl: /t, scopes: {}}",
                "2.0",
            ),
        ],
    )
    def test_schemes_of_every_version_are_known(self, text: str, version: str) -> None:
        assert messages("sec-scheme-valid", scheme(text, version)) == []

    @pytest.mark.parametrize(
        "text, version",
        [
            ("{type: mutualTLS}", "3.0"),
            ("{type: basic}", "3.0"),
            ("{type: apiKey, name: k, in: path}", "3.1"),
            ("{type: apiKey, name: k, in: cookie}", "2.0"),
            ("{type: http}", "3.1"),
            ("{type: openIdConnect}", "3.1"),
            ("{type: oauth2}", "3.1"),
            ("{type: oauth2, flows: {clientCredentials: {scopes: {}}}}", "3.1"),
            ("{type: oauth2, flows: {accessCode: {scopes: {}}}}", "3.1"),
            ("{type: oauth2, flow: implicit, scopes: {}}", "2.0"),
            ("{scheme: bearer}", "3.1"),
        ],
    )
    def test_what_a_type_needs_is_missed(self, text: str, version: str) -> None:
        assert len(messages("sec-scheme-valid", scheme(text, version))) == 1

    def test_basic_of_2_0_is_basic(self) -> None:
        assert len(messages("sec-no-basic", scheme("{type: basic}", "2.0"))) == 1

    @pytest.mark.parametrize(
        "text", ["{type: http, scheme: Negotiate}", "{type: http, scheme: OAuth}", "{type: http, scheme: NTLM}"]
    )
    def test_weak_schemes_are_known_in_any_case(self, text: str) -> None:
        assert len(messages("sec-no-weak-scheme", scheme(text))) == 1

    def test_weak_flows_of_2_0_are_found_in_the_text(self) -> None:
        text = "{type: oauth2, flow: implicit, authorizationUrl: https://a.test, scopes: {}}"
        assert places("sec-no-weak-scheme", scheme(text, "2.0")) == ["securityDefinitions/s/flow"]

    def test_machines_renew_by_asking_again(self) -> None:
        assert messages("sec-short-lived", oauth("{clientCredentials: {tokenUrl: https://a.test, scopes: {}}}")) == []
        assert len(messages("sec-short-lived", oauth("{password: {tokenUrl: https://a.test, scopes: {}}}"))) == 1


class TestSecretsInUrls:
    def parameter(self, name: str, place: str = "query", more: str = "schema: {type: string}") -> str:
        return of_paths(
            f"paths:\n  /orders:\n    get: {{parameters: [{{name: {name}, in: {place}, {more}}}], "
            "responses: {'200': {description: A.}}}\n"
        )

    @pytest.mark.parametrize(
        "name", ["password", "apiKey", "api_key", "access_token", "clientSecret", "newPassword", "jwt"]
    )
    def test_credentials_are_found(self, name: str) -> None:
        assert len(messages("sec-no-credential-in-url", self.parameter(name))) == 1

    @pytest.mark.parametrize(
        "name",
        [
            "page_token",
            "nextToken",
            "secret_name",
            "password_reset_id",
            "token",
            "key",
            "sync_token",
            "tokens",
            "api_key_id",
        ],
    )
    def test_names_near_to_credentials_are_none(self, name: str) -> None:
        assert messages("sec-no-credential-in-url", self.parameter(name)) == []

    def test_a_bare_token_is_one_where_it_is_said_to_open_something(self) -> None:
        rule, said = "sec-no-credential-in-url", "description: The access token., schema: {type: string}"
        assert len(messages(rule, self.parameter("token", more=said))) == 1
        assert messages(rule, self.parameter("token", "header", said)) == []

    def test_a_question_about_a_secret_is_no_secret(self) -> None:
        rule = "sec-no-credential-in-url"
        assert messages(rule, self.parameter("has_password")) == []
        assert messages(rule, self.parameter("password", more="schema: {type: boolean}")) == []

    def test_secrets_in_headers_are_in_their_place(self) -> None:
        assert messages("sec-no-credential-in-url", self.parameter("X-Api-Key", "header")) == []
