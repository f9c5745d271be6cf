"""A design as its reader sees it, and within its budgets in both channels."""
# ruff: noqa: E501

from __future__ import annotations

import json
import re

import pytest
from inline_snapshot import snapshot
from mcp.types import TextContent

from knowledge.report import Report
from server.answer import to_result
from server.render.text import text
from server.shorten import Detail


def stable(words: str) -> str:
    """Without what differs from one PostgreSQL, or one run, to the next: costs, and how many laws there are."""
    words = re.sub(r"(?<=: )[\d,]{4,}(?=\n)|(?<=\| )\d+(?= \|)", "N", words)
    return re.sub(r"\d+ kept, 0 broken, \d+ with", "N kept, 0 broken, N with", words)


def test_a_design_reads_like_this(posts: Report) -> None:
    assert stable(text(posts.model_copy(update={"run": ""}))) == snapshot("""\
PASS: GET /api/v1/users/{user_id}/posts: designed, run and fuzzed: nothing broke; 2 SQL statements at most, whatever the rows
access = 35 of 35 cells tried, 0 wrong; access.txt tells of each; laws = N kept, 0 broken, N with nothing to hold them against; laws.txt tells of each; concurrency = N kept, 0 broken, N with nothing to hold them against; concurrency.txt tells of each; fuzz = 500 requests against the contract, 0 failures; SQL per request, 1 row -> 20 = GET /api/v1/users/{user_id}/posts 2 -> 2; rows = users 100,000, posts 2,000,000

Operations:
id | route | ok | access | limit | error codes
list_user_posts | GET /api/v1/users/{user_id}/posts | N | authenticated | 100/60 s | BAD_REQUEST UNAUTHENTICATED NOT_FOUND VALIDATION_ERROR RATE_LIMITED INTERNAL_ERROR UNAVAILABLE

Decided:
topic | how, and why
paging | cursor over (created_at, id), limit 20 up to 100: stable while rows come and go, and the last page costs as much as the first
filters | status, by equality; any other parameter is 422
nesting | one level: a user the caller may not read is 404, as if there were none
caching | private, no-cache: ETag and 304, asked for each time
indexes | ix_posts_user_id_created_at_id, ix_posts_created_at_id, ix_posts_status_created_at_id

SQL as it ran, planned at scale (cost in the planner's units):
asked | statement | cost | index: cost without it
plain | SELECT ... FROM posts WHERE posts.user_id = $1 ORDER BY posts.created_at DESC, posts.id DESC LIMIT $2 | N | ix_posts_user_id_created_at_id: N
filter status | SELECT ... FROM posts WHERE posts.status = $1 AND posts.user_id = $2 ORDER BY posts.created_at DESC, posts.... | N | ix_posts_user_id_created_at_id: N
next page | SELECT ... FROM posts WHERE (posts.created_at, posts.id) < ($1, $2) AND posts.user_id = $3 ORDER BY posts.c... | N | ix_posts_user_id_created_at_id: N
plain | SELECT ... FROM users WHERE users.id = $1 | N | pk_users: N

Assumed:
- each post belongs to one user and goes with it (on_delete: cascade)
- list post: any signed-in caller; say public, owner only or role admin
- the list may grow without end, so it is walked by cursor; say: with totals
- post.status is a string; say: fields status <type> or a|b|c
- user has a field name; say: fields title string, body text
- get and create of user come along, so that there are rows to try it with
- get and create of post come along, so that there are rows to try it with

Next: scaffold_backend(path=..., blueprint=<blueprint.yaml of this run>) writes the whole backend\
""")


@pytest.mark.parametrize(("detail", "budget"), [("summary", 2_500), ("normal", 8_000), ("full", 12_500)])
def test_a_design_fits_its_budgets_in_both_channels(posts: Report, detail: str, budget: int) -> None:
    result = to_result(posts, Detail(detail))
    words = result.content[0]
    assert isinstance(words, TextContent)
    assert len(words.text) < budget
    assert len(json.dumps(result.structured_content, separators=(",", ":"), ensure_ascii=False)) < budget
    assert "nothing broke" in words.text
