"""One line a rule: an example, what is changed in it, and the path that has to be named."""

from __future__ import annotations

from typing import Any

from blueprint_mutations import GONE, Mutant, edited, example

R = "resources."
LONG = "a_name_of_exactly_forty_characters_in_all"
SMALL = {"fields": {"number": {"type": "integer"}}, "operations": {"list": {}}}
Row = tuple[str, dict[str, Any], str]

NAMES: list[Row] = [
    ("blog", {"name": "My Blog"}, "name"),
    ("blog", {"name": "-blog"}, "name"),
    ("blog", {"name": "x" * 41}, "name"),
    ("blog", {"name": "fastapi"}, "name"),
    ("blog", {"name": "pydantic_settings"}, "name"),
    ("blog", {"name": "../etc"}, "name"),
    ("blog", {"description": "x" * 1001}, "description"),
    ("blog", {"description": "bell \x07"}, "description"),
    ("blog", {R + "tag.description": "x" * 1001}, R + "tag.description"),
    ("blog", {R + "tag.fields.name.description": "zero\u200bwidth"}, R + "tag.fields.name.description"),
    ("blog", {R + "tag.name": "label"}, R + "tag.name"),
    ("blog", {R + "tag.plural": "Tags"}, R + "tag.plural"),
    ("blog", {R + "tag.plural": "tag"}, R + "tag.plural"),
    ("blog", {R + "tag.plural": "core"}, R + "tag.plural"),
    ("blog", {R + "tag.plural": "outbox_events"}, R + "tag.plural"),
    ("blog", {R + "tag.plural": "idempotency_keys"}, R + "tag.plural"),
    ("blog", {R + "tag.plural": "alembic_version"}, R + "tag.plural"),
    ("blog", {R + "tag.plural": "sqlite_tags"}, R + "tag.plural"),
    ("blog", {R + "tag.plural": "x" * 47}, R + "tag.plural"),
    ("blog", {R + "tag.plural": "worker"}, R + "tag.plural"),
    ("blog", {R + "tag.plural": "nothing"}, R + "tag.plural"),
    ("blog", {R + "tag.fields.returning": {"type": "integer"}}, R + "tag.fields.returning"),
]
CLASHES: list[Row] = [
    ("blog", {R + "tag.plural": "posts"}, R + "tag.plural"),
    ("blog", {R + "tag.plural": "user"}, R + "tag.plural"),
    ("shop", {R + "orderline": SMALL, R + "order_line.plural": "orderline"}, R + "order_line.plural"),
    ("blog", {R + "k9": SMALL, R + "k_9": SMALL}, R + "k_9"),
    ("blog", {R + "post_tag": {**SMALL, "operations": {"get": {}}}}, R + "post.many_to_many.tags"),
    ("blog", {R + "post.fields.user_id": {"type": "uuid"}}, R + "post.belongs_to.user"),
    ("blog", {R + "post.fields.user": {"type": "uuid"}}, R + "post.belongs_to.user"),
    ("blog", {R + "post.fields.tags": {"type": "uuid"}}, R + "post.many_to_many.tags"),
    ("blog", {R + "post.belongs_to.tags": {"resource": "tag"}}, R + "post.many_to_many.tags"),
    ("blog", {R + "user.many_to_many.posts": {"resource": "tag"}}, R + "post.belongs_to.user"),
    ("blog", {R + "user.many_to_many.post": {"resource": "tag"}, R + "user_post": SMALL}, R + "user_post"),
    (
        "blog",
        {
            R + LONG: {
                **SMALL,
                "many_to_many": {LONG: {"resource": "tag"}},
                "operations": {"get": {"access": ["public"]}},
            }
        },
        R + LONG + ".many_to_many." + LONG,
    ),
]
FIELDS: list[Row] = [
    ("blog", {R + "post.fields.status.values": []}, R + "post.fields.status.values"),
    ("blog", {R + "post.fields.status.values": GONE}, R + "post.fields.status.values"),
    ("blog", {R + "post.fields.status.values.1": ""}, R + "post.fields.status.values.1"),
    ("blog", {R + "post.fields.status.values.1": "draft"}, R + "post.fields.status.values.1"),
    ("blog", {R + "post.fields.status.values.1": "x" * 64}, R + "post.fields.status.values.1"),
    ("blog", {R + "post.fields.status.values.1": "a\tb"}, R + "post.fields.status.values.1"),
    ("blog", {R + "post.fields.status.values.1": " a"}, R + "post.fields.status.values.1"),
    ("blog", {R + "post.fields.status.values": [f"v{n}" for n in range(101)]}, R + "post.fields.status.values"),
    ("blog", {R + "post.fields.title.min_length": 201}, R + "post.fields.title.min_length"),
    ("blog", {R + "post.fields.body.min_length": 20_001}, R + "post.fields.body.min_length"),
    ("blog", {R + "post.fields.title.max_length": 2001}, R + "post.fields.title.max_length"),
    ("blog", {R + "post.fields.body.max_length": 100_001}, R + "post.fields.body.max_length"),
    ("shop", {R + "review.fields.rating.minimum": 6}, R + "review.fields.rating.minimum"),
    ("shop", {R + "review.fields.rating.minimum": 0.5}, R + "review.fields.rating.minimum"),
    ("shop", {R + "review.fields.rating.maximum": 1e17}, R + "review.fields.rating.maximum"),
    ("shop", {R + "coupon.fields.percent.maximum": 1000}, R + "coupon.fields.percent.maximum"),
    ("shop", {R + "coupon.fields.percent.minimum": 0.001}, R + "coupon.fields.percent.minimum"),
    ("shop", {R + "coupon.fields.percent.scale": 6}, R + "coupon.fields.percent.scale"),
    ("shop", {R + "product.fields.price.default": -1}, R + "product.fields.price.default"),
    ("shop", {R + "product.fields.price.default": "1.234"}, R + "product.fields.price.default"),
    ("shop", {R + "review.fields.rating.default": 6}, R + "review.fields.rating.default"),
    ("shop", {R + "order.fields.currency.default": "EURO"}, R + "order.fields.currency.default"),
    ("shop", {R + "order.fields.currency.format": "email"}, R + "order.fields.currency.default"),
    ("shop", {R + "customer.fields.email.default": "a@example.org"}, R + "customer.fields.email.default"),
    ("shop", {R + "customer.fields.loyalty_points.write_only": True}, R + "customer.fields.loyalty_points.write_only"),
    ("shop", {R + "customer.fields.loyalty_points.default": GONE}, R + "customer.fields.loyalty_points.read_only"),
    ("shop", {R + "customer.fields.loyalty_points.immutable": True}, R + "customer.fields.loyalty_points.immutable"),
]
RELATIONS: list[Row] = [
    ("shop", {R + "order.belongs_to.coupon.required": True}, R + "order.belongs_to.coupon.on_delete"),
    ("shop", {R + "category.belongs_to.parent": {"resource": "category"}}, R + "category.belongs_to.parent.required"),
    (
        "shop",
        {
            R + "category.belongs_to.best": {"resource": "product"},
            R + "product.belongs_to.category": {"resource": "category"},
        },
        R + "category.belongs_to.best.required",
    ),
    ("shop", {R + "customer.belongs_to.last": {"resource": "order_line"}}, R + "customer.belongs_to.last.required"),
    (
        "shop",
        {R + "order.belongs_to.payer": {"resource": "customer", "nested": True}},
        R + "order.belongs_to.payer.nested",
    ),
    (
        "blog",
        {
            R + "vote": {
                **SMALL,
                "belongs_to": {"post": {"resource": "post", "nested": True}},
                "operations": {"get": {}},
            }
        },
        R + "vote.belongs_to.post.nested",
    ),
    (
        "every_feature",
        {R + "subject.belongs_to.best": {"resource": "book", "required": False}},
        R + "subject.belongs_to.best.resource",
    ),
    (
        "every_feature",
        {R + "subject.many_to_many.books": {"resource": "book"}},
        R + "subject.many_to_many.books.resource",
    ),
    ("blog", {R + "user.many_to_many.friends": {"resource": "user"}}, R + "user.many_to_many.friends.resource"),
    ("blog", {R + "tag.many_to_many.posts": {"resource": "post"}}, R + "tag.many_to_many.posts.resource"),
    ("blog", {R + "post.operations.get": GONE}, R + "post.many_to_many.tags"),
]
OWNERS: list[Row] = [
    (
        "blog",
        {R + "user.owner": GONE, R + "user.operations.update": GONE, R + "user.operations.delete": GONE},
        R + "post.owner",
    ),
    ("blog", {R + "tag.owner": "self"}, R + "tag.owner"),
    ("blog", {R + "tag.owner": "post"}, R + "tag.owner"),
    ("blog", {R + "post.belongs_to.user.required": False}, R + "post.belongs_to.user.required"),
    ("blog", {R + "post.belongs_to.user.immutable": True}, R + "post.belongs_to.user.immutable"),
    ("blog", {"auth.scheme": "none"}, R + "user.owner"),
]
DELETION: list[Row] = [
    ("shop", {R + "review.operations.delete": GONE}, R + "review.soft_delete"),
    ("shop", {R + "review.belongs_to.customer.on_delete": "restrict"}, R + "review.belongs_to.customer.on_delete"),
    ("shop", {R + "review.soft_delete": False}, R + "review.belongs_to.product.on_delete"),
    ("shop", {R + "order_line.events": ["deleted"]}, R + "order_line.belongs_to.order.on_delete"),
    (
        "shop",
        {R + "stock_level.belongs_to.product.on_delete": "cascade"},
        R + "stock_level.belongs_to.product.on_delete",
    ),
    (
        "shop",
        {
            R + "vote": {
                **SMALL,
                "tenant": True,
                "belongs_to": {"review": {"resource": "review"}},
                "operations": {"get": {}},
            }
        },
        R + "review.belongs_to.product.on_delete",
    ),
]
UNIQUE: list[Row] = [
    ("shop", {R + "review.unique": [[]]}, R + "review.unique.0"),
    ("shop", {R + "review.unique": [["rating"]]}, R + "review.unique.0"),
    ("shop", {R + "review.unique": [["product", "product"]]}, R + "review.unique.0.1"),
    ("shop", {R + "review.unique": [["product", "body"]]}, R + "review.unique.0.1"),
    ("shop", {R + "review.unique": [["product_id", "rating"]]}, R + "review.unique.0.0"),
    ("shop", {R + "review.unique": [["product", "rating"], ["rating", "product"]]}, R + "review.unique.1"),
    ("shop", {R + "customer.fields.email.max_length": 700}, R + "customer.fields.email.max_length"),
    (
        "shop",
        {R + "customer.fields.email.max_length": 500, R + "customer.unique": [["email", "name"]]},
        R + "customer.unique.0",
    ),
]
ACCESS: list[Row] = [
    ("shop", {R + "tag.operations.get.access": ["public"]}, R + "tag.operations.get.access.0"),
    ("blog", {R + "tag.operations.get.access": ["tenant"]}, R + "tag.operations.get.access.0"),
    ("blog", {R + "tag.operations.get.access": ["owner"]}, R + "tag.operations.get.access.0"),
    ("blog", {R + "tag.operations.get.access": ["everyone"]}, R + "tag.operations.get.access.0"),
    ("blog", {R + "tag.operations.get.access": ["Public"]}, R + "tag.operations.get.access.0"),
    ("blog", {R + "tag.operations.get.access": ["role:"]}, R + "tag.operations.get.access.0"),
    ("blog", {R + "tag.operations.get.access": ["role:Big Boss"]}, R + "tag.operations.get.access.0"),
    ("blog", {R + "tag.operations.get.access": ["role:" + "x" * 41]}, R + "tag.operations.get.access.0"),
    ("blog", {R + "tag.operations.create.access": []}, R + "tag.operations.create.access"),
    ("blog", {R + "tag.operations.create.access": ["authenticated", "role:x"]}, R + "tag.operations.create.access.0"),
    ("blog", {R + "tag.operations.get.access": ["public", "role:x"]}, R + "tag.operations.get.access.0"),
    ("blog", {R + "post.operations.create.access": ["public"]}, R + "post.operations.create.access"),
    (
        "blog",
        {
            R + "post.operations.get.access": ["owner"],
            R + "post.operations.get.cache": GONE,
            R + "post.operations.update.access": ["role:editor"],
        },
        R + "post.operations.update.access.0",
    ),
    ("blog", {"auth.scheme": "none"}, R + "tag.operations.create.access"),
    ("shop", {"auth.scheme": "none"}, R + "tag.tenant"),
]
OPERATIONS: list[Row] = [
    ("blog", {R + "tag.operations": {}}, R + "tag.operations"),
    ("shop", {R + "stock_level.events": ["updated", "updated"]}, R + "stock_level.events.1"),
    ("shop", {R + "tag.events": ["updated"]}, R + "tag.events.0"),
    ("shop", {R + "tag.events": ["created", "deleted"], R + "tag.operations.delete": GONE}, R + "tag.events.1"),
    ("shop", {R + "tag.optimistic_locking": True, R + "tag.operations.delete": GONE}, R + "tag.optimistic_locking"),
    ("shop", {R + "tag.fields.name.immutable": True, R + "tag.operations.update": {}}, R + "tag.operations.update"),
    ("blog", {R + "tag.operations.get.access": ["authenticated"]}, R + "tag.operations.get.cache.shared_max_age"),
    ("blog", {R + "tag.operations.list.access": ["authenticated"]}, R + "tag.operations.list.cache.shared_max_age"),
    (
        "blog",
        {R + "tag.operations.get.cache": {"stale_while_revalidate": 5}},
        R + "tag.operations.get.cache.stale_while_revalidate",
    ),
    ("shop", {R + "order.operations.list.cache": {"server": 5}}, R + "order.operations.list.cache.server"),
]
LISTS: list[Row] = [
    (
        "blog",
        {R + "tag.fields.name.unique": False, R + "tag.fields.name.max_length": 700},
        R + "tag.operations.list.sort.0",
    ),
    ("blog", {R + "post.operations.list.sort": ["title"]}, R + "post.operations.list.sort"),
    (
        "blog",
        {R + "tag.operations.list.default_limit": 50, R + "tag.operations.list.max_limit": 40},
        R + "tag.operations.list.default_limit",
    ),
    ("blog", {R + "user.operations.list.search": ["email"]}, R + "user.operations.list.search.0"),
    ("blog", {R + "user.operations.list.sort": ["email"]}, R + "user.operations.list.sort.0"),
    ("blog", {R + "user.operations.list.filter": ["email"]}, R + "user.operations.list.filter.0"),
    ("blog", {R + "user.operations.list.filter": ["bio"]}, R + "user.operations.list.filter.0"),
    ("blog", {R + "user.operations.list.sort": ["bio"]}, R + "user.operations.list.sort.0"),
    ("blog", {R + "user.operations.list.sort": ["-handle"]}, R + "user.operations.list.sort.0"),
    ("blog", {R + "post.operations.list.search": ["published_at"]}, R + "post.operations.list.search.0"),
    ("blog", {R + "post.operations.list.filter": ["user_id"]}, R + "post.operations.list.filter.0"),
    ("blog", {R + "post.operations.list.embed": ["tags"]}, R + "post.operations.list.embed.0"),
    ("shop", {R + "product.operations.list.filter": ["attributes"]}, R + "product.operations.list.filter.0"),
    (
        "shop",
        {R + "warehouse.fields.page": {"type": "integer"}, R + "warehouse.operations.list.filter": ["page"]},
        R + "warehouse.operations.list.filter.0",
    ),
    ("shop", {R + "review.operations.list.embed": ["customer"]}, R + "review.operations.list.embed.0"),
    ("shop", {R + "tag.operations.get.access": ["role:staff"]}, R + "product.many_to_many.tags"),
]
STRUCTURE: list[Row] = [
    ("blog", {"resources": {}}, "resources"),
    ("blog", {"api_version": 0}, "api_version"),
    ("blog", {"api_version": 100}, "api_version"),
    ("blog", {"rate_limit": {"requests": 0}}, "rate_limit.requests"),
    ("blog", {"auth.scheme": "basic"}, "auth.scheme"),
    ("blog", {R + "tag.operations.list.access": ["public"] * 21}, R + "tag.operations.list.access"),
    ("blog", {R + "tag.operations.list.filter": ["name"] * 51}, R + "tag.operations.list.filter"),
    ("blog", {R + "tag.fields": {f"f{n}": {"type": "date"} for n in range(81)}}, R + "tag.fields"),
    ("blog", {"resources": {f"r{n}": SMALL for n in range(101)}}, "resources"),
    ("blog", {R + "post.belongs_to": {f"r{n}": {"resource": "tag"} for n in range(21)}}, R + "post.belongs_to"),
    ("blog", {R + "post.unique": [["slug", "title"]] * 21}, R + "post.unique"),
    ("blog", {R + "post.fields.title.precision": 0}, R + "post.fields.title.precision"),
    ("blog", {R + "post.fields.title.scale": 19}, R + "post.fields.title.scale"),
]
GROUPS = {
    "names": NAMES,
    "clashes": CLASHES,
    "fields": FIELDS,
    "relations": RELATIONS,
    "ownership": OWNERS,
    "deletion": DELETION,
    "unique": UNIQUE,
    "access": ACCESS,
    "operations": OPERATIONS,
    "lists": LISTS,
    "structure": STRUCTURE,
}


def broken_rules(group: str) -> list[Mutant]:
    """The mutants of one group of rules."""
    return [
        Mutant(f"{name}: {list(edits)} {index}", edited(example(name), edits), tuple(path.split(".")))
        for index, (name, edits, path) in enumerate(GROUPS[group])
    ]
