"""Traps of rules about responses, errors and headers: ranges, shared components, callbacks, policies, 2.0."""

from __future__ import annotations

from textwrap import indent

import pytest
from rule_hits import messages, of_paths, patched, places

from knowledge.api.node import Policy


def operation(responses: str, more: str = "", method: str = "get", version: str = "3.1") -> str:
    """A document with one operation that gives ``responses``."""
    head = f"paths:\n  /orders/{{id}}:\n    {method}:\n"
    return of_paths(head + indent(f"{more}\nresponses:\n{indent(responses, '  ')}\n".lstrip("\n"), " " * 6), version)


class TestStatuses:
    @pytest.mark.parametrize("status", ["'200'", "2XX", "'303'", "'101'"])
    def test_ranges_redirects_and_upgrades_are_successes(self, status: str) -> None:
        assert messages("resp-success", operation(f"{status}: {{description: A.}}")) == []

    def test_a_default_alone_does_not_say_what_a_success_is(self) -> None:
        assert messages("resp-success", operation("default: {description: A.}")) == [
            "GET /orders/{id} declares only default: what a success looks like is not said"
        ]

    @pytest.mark.parametrize(
        "rule_id", ["resp-429", "resp-500", "resp-401", "resp-validation-error", "resp-client-error"]
    )
    @pytest.mark.parametrize("status", ["default", "4XX", "5XX"])
    def test_ranges_and_defaults_cover_their_statuses(self, rule_id: str, status: str) -> None:
        more = "security: [{key: []}]\nrequestBody: {content: {application/json: {schema: {type: object}}}}"
        found = messages(rule_id, operation(f"'200': {{description: A.}}\n{status}: {{description: B.}}", more, "post"))
        covered = status == "default" or (status == "5XX") == (rule_id == "resp-500")
        assert found == [] if covered else len(found) == 1

    def test_nothing_is_demanded_of_operations_that_the_api_calls_itself(self) -> None:
        text = """
            paths:
              /orders:
                post:
                  responses: {'204': {description: Taken.}, default: {description: Any error.}}
                  callbacks:
                    paid:
                      '{$request.body#/url}':
                        post:
                          requestBody: {content: {application/json: {schema: {type: object}}}}
                          responses: {'204': {description: Thanks.}}
        """
        for rule_id in ("resp-429", "resp-500", "resp-client-error", "resp-default-error", "resp-validation-error"):
            assert messages(rule_id, of_paths(text)) == [], rule_id

    def test_an_operation_that_takes_nothing_cannot_be_called_wrongly(self) -> None:
        text = "paths:\n  /health:\n    get:\n      responses: {'200': {description: Well.}}"
        assert messages("resp-client-error", of_paths(text)) == []

    def test_credentials_that_are_optional_are_not_missed(self) -> None:
        answers = "'200': {description: A.}"
        assert messages("resp-401", operation(answers, "security: [{}, {key: []}]")) == []
        assert messages("resp-401", operation(answers, "security: []")) == []
        assert len(messages("resp-401", operation(answers, "security: [{key: []}]"))) == 1

    @pytest.mark.parametrize(
        ("method", "status"), [("get", "201"), ("post", "304"), ("put", "206"), ("get", "299"), ("get", "2xx")]
    )
    def test_statuses_must_fit_the_method_and_the_registry(self, method: str, status: str) -> None:
        assert len(messages("resp-status-codes", operation(f"'{status}': {{description: A.}}", method=method))) == 1

    @pytest.mark.parametrize(
        ("method", "status"), [("put", "201"), ("get", "304"), ("head", "206"), ("get", "425"), ("get", "4XX")]
    )
    def test_statuses_that_fit_are_left_alone(self, method: str, status: str) -> None:
        assert messages("resp-status-codes", operation(f"'{status}': {{description: A.}}", method=method)) == []

    def test_the_policy_settles_which_status_bad_input_has(self) -> None:
        more = "parameters: [{name: limit, in: query, schema: {type: integer}}]"
        text = operation("'200': {description: A.}\n'422': {description: B.}", more)
        assert messages("resp-validation-error", text) == []
        assert messages("resp-validation-error", text, Policy(validation_status="422")) == []
        assert len(messages("resp-validation-error", text, Policy(validation_status="400"))) == 1


class TestBodies:
    def test_a_body_of_204_is_removed_where_it_stands_in_the_operation(self) -> None:
        body = "'204': {description: Gone., content: {application/json: {schema: {type: object}}}}"
        value = patched("resp-no-body-204", operation(body, method="delete"))
        assert isinstance(value, dict)
        assert value["paths"]["/orders/{id}"]["delete"]["responses"] == {"204": {"description": "Gone."}}

    def test_a_body_of_204_is_seen_behind_a_reference_and_in_2_0(self) -> None:
        shared = operation("'204': {$ref: '#/components/responses/Done'}", method="delete") + (
            "components:\n  responses:\n    Done: {description: A., content: {text/plain: {}}}\n"
        )
        assert len(messages("resp-no-body-204", shared)) == 1
        old = operation("204: {description: A., schema: {type: object}}", method="delete", version="2.0")
        assert len(messages("resp-no-body-204", old)) == 1
        assert patched("resp-no-body-204", old) is None

    @pytest.mark.parametrize(
        "media_type", ["application/json", "application/problem+json", "application/json; charset=utf-8"]
    )
    def test_arrays_in_json_are_bare(self, media_type: str) -> None:
        body = f"'200': {{description: A., content: {{'{media_type}': {{schema: {{type: array, items: {{}}}}}}}}}}"
        assert len(messages("resp-object-root", operation(body))) == 1

    @pytest.mark.parametrize(
        ("status", "media_type"),
        [("200", "application/x-ndjson"), ("200", "application/json-seq"), ("400", "application/json")],
    )
    def test_sequences_and_errors_may_be_arrays(self, status: str, media_type: str) -> None:
        body = f"'{status}': {{description: A., content: {{'{media_type}': {{schema: {{type: array, items: {{}}}}}}}}}}"
        assert messages("resp-object-root", operation(body)) == []

    def test_a_success_without_a_body_says_where_the_result_is(self) -> None:
        assert (
            messages("resp-success-body", operation("'201': {description: A., headers: {location: {}}}", method="post"))
            == []
        )
        assert messages("resp-success-body", operation("'202': {description: A.}", method="post")) == []
        assert messages("resp-success-body", operation("'200': {description: A., content: {image/png: {}}}")) == []
        assert len(messages("resp-success-body", operation("'200': {description: A.}"))) == 1

    def test_media_types_of_requests_are_not_judged_as_answers(self) -> None:
        more = "requestBody: {content: {'*/*': {schema: {}}}}"
        assert messages("resp-media-type", operation("'204': {description: A.}", more, "post")) == []

    @pytest.mark.parametrize(
        "name", ["application/vnd.shop+json", "text/event-stream", "image/*", "application/json;v=1"]
    )
    def test_exact_media_types_are_left_alone(self, name: str) -> None:
        assert messages("resp-media-type", operation(f"'200': {{description: A., content: {{'{name}': {{}}}}}}")) == []

    def test_the_policy_may_list_media_types(self) -> None:
        text = operation("'200': {description: A., content: {text/csv: {}}}")
        assert len(messages("resp-media-type", text, Policy(extra={"response_media_types": "application/json"}))) == 1
        assert (
            messages("resp-media-type", text, Policy(extra={"response_media_types": "application/json, text/csv"}))
            == []
        )


SHARED = """
    paths:
      /a:
        get: {responses: {'200': {description: A.}, '429': {$ref: '#/components/responses/Slow'}}}
      /b:
        get: {responses: {'200': {description: A.}, '429': {$ref: '#/components/responses/Slow'}}}
    components:
      responses:
        Slow: {description: Too many requests.}
"""


class TestHeaders:
    def test_a_shared_response_is_reported_once_and_where_it_stands(self) -> None:
        assert places("resp-retry-after", of_paths(SHARED)) == ["components/responses/Slow"]

    def test_names_of_headers_are_compared_without_case(self) -> None:
        text = operation("'429': {description: A., headers: {retry-after: {schema: {type: integer}}}}")
        assert messages("resp-retry-after", text) == []

    @pytest.mark.parametrize("name", ["RateLimit", "X-RateLimit-Remaining", "X-Rate-Limit-Limit", "ratelimit-policy"])
    def test_every_notation_of_the_limit_counts(self, name: str) -> None:
        answers = (
            f"'200': {{description: A., headers: {{{name}: {{schema: {{type: string}}}}}}}}\n'429': {{description: B.}}"
        )
        assert messages("resp-rate-limit-headers", operation(answers)) == []

    @pytest.mark.parametrize("name", ["ETag", "WWW-Authenticate", "X-GitHub-OTP", "Content-MD5", "RateLimit"])
    def test_names_with_capitals_of_their_own_are_written_well(self, name: str) -> None:
        assert messages("hdr-case", operation(f"'200': {{description: A., headers: {{{name}: {{}}}}}}")) == []

    def test_a_header_is_renamed_with_its_reference(self) -> None:
        shared = "'200': {description: A., headers: {x-request-id: {$ref: '#/components/headers/id'}}}"
        text = operation(shared) + "components: {headers: {id: {schema: {type: string}}}}\n"
        value = patched("hdr-case", text)
        assert isinstance(value, dict)
        assert value["paths"]["/orders/{id}"]["get"]["responses"]["200"]["headers"] == {
            "X-Request-Id": {"$ref": "#/components/headers/id"}
        }

    def test_keys_of_components_are_no_names_of_headers(self) -> None:
        text = operation("'200': {description: A.}") + "components: {headers: {x-shop: {schema: {type: string}}}}\n"
        assert messages("hdr-proprietary", text) == []
        assert messages("hdr-case", text) == []

    def test_the_policy_may_allow_or_demand_headers(self) -> None:
        own = operation("'200': {description: A., headers: {X-Shop: {}}}")
        assert len(messages("hdr-proprietary", own)) == 1
        assert messages("hdr-proprietary", own, Policy(extra={"allowed_headers": "x-shop, x-mall"})) == []
        demanded = Policy(extra={"required_headers": "X-Request-Id"})
        assert messages("resp-required-headers", own, demanded) == ["the response 200 declares no X-Request-Id header"]
        assert messages("resp-required-headers", own) == []

    def test_links_beside_a_deprecation_or_allowed_by_the_policy_are_left_alone(self) -> None:
        linked = "'200': {description: A., headers: {Link: {}}, content: {application/json: {schema: {type: object}}}}"
        assert len(messages("resp-no-link-header", operation(linked))) == 1
        assert messages("resp-no-link-header", operation(linked), Policy(extra={"link_header": "allowed"})) == []
        assert messages("resp-no-link-header", operation(linked.replace("Link: {}", "Link: {}, Sunset: {}"))) == []

    def test_cross_origin_headers_are_missed_once_or_where_others_have_them(self) -> None:
        two = """
            paths:
              /a: {get: {responses: {'200': {description: A.}}}}
              /b: {get: {responses: {'200': {description: B.}}}}
        """
        assert len(messages("resp-cors-header", of_paths(two))) == 1
        some = two.replace("description: B.", "description: B., headers: {Access-Control-Allow-Origin: {}}")
        assert places("resp-cors-header", of_paths(some)) == ["paths//a/get/responses"]


class TestConditions:
    def test_a_condition_and_its_status_belong_together(self) -> None:
        more = "parameters: [{name: if-match, in: header, schema: {type: string}}]"
        assert len(messages("resp-conditional", operation("'204': {description: A.}", more, "delete"))) == 1
        assert len(messages("resp-conditional", operation("'412': {description: A.}", "", "delete"))) == 1
        both = operation("'204': {description: A.}\n'412': {description: B.}", more, "delete")
        assert messages("resp-conditional", both) == []

    def test_what_cannot_be_read_needs_no_condition(self) -> None:
        assert messages("resp-conditional", operation("'204': {description: A.}", "", "put")) == []


ERRORS = """
    paths:
      /a:
        get:
          responses:
            '404': {description: A., content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
            '409': {description: B., content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
            '500': {description: C., content: {application/json: {schema: {type: object, properties: {oops: {}}}}}}
    components:
      schemas:
        Error: {allOf: [{$ref: '#/components/schemas/Base'}, {type: object, properties: {status: {type: integer}}}]}
        Base: {type: object, properties: {type: {type: string}, title: {type: string}}}
"""
ENVELOPE = ERRORS.replace(
    "title: {type: string}", "error: {properties: {code: {type: string}, message: {type: string}}}"
)


class TestErrors:
    def test_the_policy_settles_the_format_of_errors(self) -> None:
        problem, any_format = Policy(error_format="problem"), Policy(error_format="any")
        assert len(messages("resp-error-schema", of_paths(ERRORS))) == 2
        assert len(messages("resp-error-schema", of_paths(ERRORS), problem)) == 1
        assert messages("resp-error-schema", of_paths(ERRORS), any_format) == [
            "the error GET /a 500 (1 of 3 answers) is another than Error"
        ]
        assert len(messages("resp-error-schema", of_paths(ENVELOPE))) == 1

    def test_bodies_that_are_not_json_have_no_format_to_keep(self) -> None:
        text = operation("'404': {description: A., content: {text/html: {schema: {type: string}}}}")
        assert messages("resp-error-schema", text) == []

    def test_what_is_required_is_looked_for_in_every_part(self) -> None:
        assert messages("resp-required-properties", of_paths(ENVELOPE)) == [
            "the body of 404 does not require error, code, message"
        ]
        sure = ENVELOPE.replace("error: {properties", "error: {required: [code, message], properties").replace(
            "Base: {type", "Base: {required: [error], type"
        )
        assert messages("resp-required-properties", of_paths(sure)) == []

    def test_problems_require_nothing(self) -> None:
        assert messages("resp-required-properties", of_paths(ERRORS)) == []

    def test_codes_are_listed_once_for_all_operations(self) -> None:
        assert places("new-error-code-registry", of_paths(ENVELOPE)) == ["components/schemas/Error"]
        listed = ENVELOPE.replace("code: {type: string}", "code: {type: string, enum: [GONE]}")
        assert messages("new-error-code-registry", of_paths(listed)) == []


class TestDeprecation:
    def test_headers_must_be_in_their_own_form_and_order(self) -> None:
        def said(deprecation: str, sunset: str) -> list[str]:
            headers = (
                f"Deprecation: {{schema: {{type: string}}, example: '{deprecation}'}}, "
                f"Sunset: {{schema: {{type: string, example: '{sunset}'}}}}, Link: {{}}"
            )
            text = operation(f"'200': {{description: A., headers: {{{headers}}}}}", "deprecated: true")
            return messages("new-deprecation-headers", text)

        assert said("@1735689600", "Wed, 31 Dec 2025 23:59:59 GMT") == []
        assert said("true", "Wed, 31 Dec 2025 23:59:59 GMT") == [
            "Deprecation is a date such as @1735689600 (RFC 9745), not true"
        ]
        assert said("@1735689600", "2025-12-31") == ["Sunset is an HTTP date (RFC 8594), not 2025-12-31"]
        assert said("@1835689600", "Wed, 31 Dec 2025 23:59:59 GMT") == ["Sunset lies before Deprecation"]

    def test_an_end_that_is_announced_is_marked_and_linked(self) -> None:
        sunset = "'200': {description: A., headers: {Sunset: {}}}"
        assert messages("new-deprecation-headers", operation(sunset)) == [
            "GET /orders/{id} declares sunset, but is not marked deprecated"
        ]
        both = sunset.replace("Sunset: {}", "Sunset: {}, Deprecation: {}")
        assert messages("new-deprecation-headers", operation(both, "deprecated: true")) == [
            "GET /orders/{id} announces its end without a Link to what replaces it"
        ]


class TestEnvelope:
    def test_data_around_lists_alone_is_no_envelope(self) -> None:
        text = """
            paths:
              /a: {get: {responses: {'200': {$ref: '#/components/responses/Many'}}}}
              /b: {get: {responses: {'200': {$ref: '#/components/responses/Many'}}}}
              /c: {get: {responses: {'200': {$ref: '#/components/responses/One'}}}}
            components:
              responses:
                Many:
                  description: Orders.
                  content: {application/json: {schema: {properties: {data: {type: array, items: {}}}}}}
                One:
                  description: An order.
                  content: {application/json: {schema: {properties: {note: {type: string}}}}}
        """
        assert messages("new-envelope", of_paths(text)) == []
        assert len(messages("new-envelope", of_paths(text.replace("type: array, items: {}", "type: object")))) == 1
