"""Whatever a caller can put right is a sentence: what happened, where, what to do next. Nothing is run before that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from design_tool_help import Design, refusal

L = "list a user's posts"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "\n".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]" for n in range(9)
)
FILES: dict[str, str | bytes] = {
    "app.sql": "CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL);\n"
    "CREATE TABLE likes (user_id uuid REFERENCES users, fan_id uuid REFERENCES users, PRIMARY KEY (user_id, fan_id));",
    "bad.sql": "CREATE TABLE users (id uuid PRIMARY KEY;",
    "empty.sql": "-- nothing",
    "binary.sql": bytes(range(256)),
    "broken.prisma": "model {",
    "nothing.ts": "export const a = 1;",
    "evil.py": "import os\nos.system('touch pwned')\n",
    "small.yaml": "name: x\nresources: {note: {fields: {a: {type: string}}, operations: {list: {}}}}",
    "broken.yaml": "name: x\nresources: [a, b\n",
    "list.yaml": "- a\n- b\n",
    "bomb.yaml": BOMB,
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "folder").mkdir()


@pytest.mark.parametrize(
    ("text", "fields", "told"),
    [
        ("", {}, "nothing is described: say for example"),
        (L, {"path": "nope.yaml"}, "nope.yaml does not exist"),
        (L, {"path": "../../etc/passwd"}, "outside the workspace"),
        (L, {"path": "/etc/passwd"}, "outside the workspace"),
        (L, {"path": "binary.sql"}, "is not UTF-8"),
        (L, {"path": "bad.sql"}, "syntax error"),
        (L, {"path": "empty.sql"}, "empty.sql makes no table"),
        (L, {"path": "broken.prisma"}, "line 1: '{' was not expected here"),
        (L, {"path": "nothing.ts"}, "holds no table"),
        ("users", {"path": "evil.py"}, "holds no table"),
        (L, {"path": "folder"}, "holds no .sql file"),
        (L, {"path": "broken.yaml"}, "broken.yaml: line 3"),
        (L, {"path": "list.yaml"}, "A mapping is expected"),
        (L, {"path": "bomb.yaml"}, "more than 50,000 values"),
        ("bomb.yaml", {}, "more than 50,000 values"),
        ("list.yaml", {}, "write resources by name"),
        ("users, nope", {"path": "app.sql"}, "has no table 'nope'; it has likes, users"),
        ("widgets", {"path": "small.yaml"}, "'widgets' is no resource of the project; it has note"),
        ("table nope", {"path": "app.sql"}, "has no table 'nope'"),
        ("post:\n  fields: {title: {type: string}}", {}, "resources.post.operations: operations is missing"),
        ('{"resources": []}', {}, "write resources by name"),
        ("resources: 5", {}, "write resources by name"),
        ("a: &a [1]\nfields: *a", {}, "A mapping is expected here"),
        (L, {"formats": ["cobol"]}, "there is no cobol; choose from openapi"),
        (L, {"rows": ["posts"]}, "does not have the form table=rows"),
        (L, {"rows": ["posts=many"]}, "no row count"),
        (L, {"rows": ["comments=10"]}, "no table 'comments'; it has posts, users"),
    ],
)
async def test_a_mistake_is_answered_with_what_to_do(
    design: Design, text: str, fields: dict[str, Any], told: str, tmp_path: Path
) -> None:
    said = await refusal(design, text, **fields)
    assert told in said and len(said) < 1_000
    assert not (tmp_path / "pwned").exists()


async def test_a_text_of_any_depth_or_length_is_refused_at_once(design: Design, tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text('{"a":' * 9_000 + "1" + "}" * 9_000)
    assert "deep" in await refusal(design, "deep.json")
    assert "500,000" in await refusal(design, "post: {fields: {}}\n#" + "x" * 600_000)
