"""A review as its reader sees it."""
# ruff: noqa: E501

from __future__ import annotations

from api_tool_help import Review
from inline_snapshot import snapshot

from server.render.text import text


async def test_a_review_reads_like_this(review: Review) -> None:
    report = await review(
        "flawed.yaml", older="older.yaml", ignore=["op-description", "op-summary", "op-tags", "ex-present"]
    )
    assert text(report.model_copy(update={"findings": report.findings[:12], "run": ""})) == snapshot("""\
FINDINGS: flawed.yaml, OpenAPI 3.1.0, 4 operations: 4 breaking, 2 risky, 6 safe changes; 28 findings, 7 of them severe
places = 28 by 22 rules (default); patch = 3 edits for 3 places, reviewed again with them; next version = major: 4 of 11 changes break clients

1. HIGH schema-requiredness-property-optional: `status` is optional now. Answers may come without it: handle its absence first.
   at flawed.yaml:45:9, schemas/Order status
   derived: compared with older.yaml:40:9, response -> breaking; reaches GET /getOrders/, GET /orders/{id}, POST /orders

2. HIGH schema-constraints-maximum-added: `total` must be at most 1 now. Requests outside of that are rejected now: change what you send first.
   at flawed.yaml:52:9, schemas/NewOrder total
   derived: compared with older.yaml:48:9, request -> breaking; reaches POST /orders

3. HIGH schema-constraints-minimum-added: `total` must be at least 10 now. Requests outside of that are rejected now: change what you send first.
   at flawed.yaml:52:9, schemas/NewOrder total
   derived: compared with older.yaml:48:9, request -> breaking; reaches POST /orders

4. HIGH schema-requiredness-property-required: `total` is required now. Requests without it are rejected: always send it.
   at flawed.yaml:52:9, schemas/NewOrder total
   derived: compared with older.yaml:48:9, request -> breaking; reaches POST /orders

5. HIGH srv-https-only: http://shop.example.com is not encrypted; offer https://shop.example.com
   at flawed.yaml:3:12
   derived: read #/servers/0/url -> 'http://shop.example.com'

6. HIGH sec-write-protected: no security scheme is declared, though operations as delete /orders/{id} change something
   at flawed.yaml:4:1
   derived: read #/paths -> an object of /getOrders/, /orders/{id}, /orders

7. HIGH op-id-unique: the operationId getOrder is also that of get /orders/{id}
   at flawed.yaml:22:7, /orders/{id} getOrder
   derived: read #/paths/~1orders~1{id}/delete/operationId -> 'getOrder'

8. MEDIUM parameters-existence-parameter-removed: Query parameter status is gone. What clients send there is ignored or rejected: stop sending it.
   at flawed.yaml:6:5, GET /getOrders/ query parameter status
   derived: compared with older.yaml:7:20, request -> risky; reaches GET /getOrders/

9. MEDIUM schema-existence-property-removed: `note` is gone. It was optional, yet clients that read it never find it again: stop relying on it first.
   at flawed.yaml:40:5, schemas/Order note
   derived: compared with older.yaml:42:9, response -> risky; reaches GET /getOrders/, GET /orders/{id}, POST /orders

10. MEDIUM srv-no-example-host: http://shop.example.com is reserved for examples: nothing answers there
   at flawed.yaml:3:12
   derived: read #/servers/0/url -> 'http://shop.example.com'

11. MEDIUM path-no-trailing-slash: /getOrders/ has an empty segment: clients that normalise URLs call another path
   at flawed.yaml:5:3, /getOrders/
   derived: read #/paths/~1getOrders~1 -> an object of get

12. MEDIUM op-id-present: get /getOrders/ has no operationId
   at flawed.yaml:6:5, /getOrders/
   derived: read #/paths/~1getOrders~1/get -> an object of responses
   fix (proven): patch.json of this run [reviewed again with the patch: this is gone, nothing new appeared]

By rule (7 rules more in findings.json):
rule | severity | places | components and paths
op-id-unique | high | 1 | 1
sec-write-protected | high | 1 | 1
srv-https-only | high | 1 | 1
ex-valid-media | medium | 1 | 1
op-id-present | medium | 1 | 1
op-no-body-on-read | medium | 1 | 1
path-no-trailing-slash | medium | 1 | 1
schema-bounds-consistent | medium | 1 | 1
schema-enum-unique | medium | 1 | 1
schema-required-defined | medium | 1 | 1
srv-no-example-host | medium | 1 | 1
resp-client-error | low | 3 | 2
schema-description | low | 3 | 3
param-description | low | 2 | 2
schema-integer-bounded | low | 2 | 2

Safe changes (6; all are in changes.json):
change | of | where
schema-requiredness-property-required | schemas/Order | state
schema-values-value-removed | schemas/Order | status
paths-existence-operation-id-added | DELETE /orders/{id} | \n\
request-body-existence-body-added | DELETE /orders/{id} | request body
parameters-existence-parameter-added | POST /orders | query parameter apiKey
info-lifecycle-version-raised | info | \n\

NOT TESTED:
- whether an application keeps this contract: give url or project to call it

Next: apply patch.json (RFC 6902) of this run; then review again\
""")
