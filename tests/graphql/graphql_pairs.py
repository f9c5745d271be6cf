"""Pairs of schemas, each with what changed between them: kind, path and level."""

from __future__ import annotations

from dataclasses import dataclass

BASE = '''
"""Answers."""
type Query { user(id: ID!, size: Int = 10, "Sorted." order: Order): User posts: [Post] search: Found }
"""Somebody."""
type User implements Node { id: ID! name: String "Where to write." email: String old: Int @deprecated(reason: "Gone.") }
type Post implements Node { id: ID! title: String! tags: [String] }
interface Node { id: ID! }
union Found = User | Post
enum Order { ASC DESC }
enum State { OPEN CLOSED @deprecated }
input Filter { state: State = OPEN limit: Int! text: String }
input By @oneOf { id: ID email: String }
scalar Url @specifiedBy(url: "https://example.org/url")
scalar Plain
scalar Spare
type Mutation { change(input: Filter!, by: By): Link }
type Link { url: Url to: Plain state: State }
directive @cost(by: Int! = 1, why: String) on FIELD_DEFINITION | FIELD
directive @auth repeatable on OBJECT | FIELD_DEFINITION | ENUM_VALUE | UNION
directive @mark(at: Int) on SCHEMA | SCALAR | OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE | FIELD_DEFINITION
'''  # noqa: E501


@dataclass(frozen=True)
class Pair:
    """``was`` in the base text is replaced by ``now``; ``changes`` are written ``kind path level``."""

    was: str
    now: str
    changes: tuple[str, ...]
    old: str = BASE

    @property
    def new(self) -> str:
        assert self.old.count(self.was) == 1, self.was
        return self.old.replace(self.was, self.now)


def pair(was: str, now: str, *changes: str) -> Pair:
    return Pair(was, now, changes)


def marked(was: str, now: str, *changes: str) -> Pair:
    return Pair(was, now, changes, BASE.replace("name: String", "name: String @mark(at: 1)"))


PAIRS = [
    # types
    pair("scalar Plain\n", "scalar Plain\ntype New { id: ID! }\n", "type-added New safe"),
    pair("scalar Plain\n", "scalar Plain\nscalar New\n", "type-added New safe"),
    pair("scalar Plain\n", "scalar Plain\nextend type Post { more: Int }\n", "field-added Post.more safe"),
    pair(" to: Plain", "", "field-removed Link.to breaking"),
    pair("scalar Spare\n", "", "type-removed Spare breaking"),
    pair("scalar Plain\n", "enum Plain { A }\n", "type-kind-changed Plain breaking"),
    pair("enum Order { ASC DESC }", "scalar Order", "type-kind-changed Order breaking"),
    pair("interface Node { id: ID! }", "type Node { id: ID! }", "type-kind-changed Node breaking"),
    pair('"""Somebody."""', "", "type-description-removed User safe"),
    pair('"""Somebody."""', '"Someone."', "type-description-changed User safe"),
    pair('"""Somebody."""', '"Somebody."'),
    pair("type Post", '"""A text."""\ntype Post', "type-description-added Post safe"),
    pair("scalar Plain", '"As it is."\nscalar Plain', "type-description-added Plain safe"),
    # fields
    pair("name: String", "name: String nick: String", "field-added User.nick safe"),
    pair("name: String", "", "field-removed User.name breaking"),
    pair("old: Int @deprecated(reason: \"Gone.\")", "", "field-removed User.old breaking"),
    pair("name: String", "name: String!", "field-type-changed User.name safe"),
    pair("title: String!", "title: String", "field-type-changed Post.title breaking"),
    pair("name: String", "name: Int", "field-type-changed User.name breaking"),
    pair("name: String", "name: [String]", "field-type-changed User.name breaking"),
    pair("tags: [String]", "tags: [String!]!", "field-type-changed Post.tags safe"),
    pair("tags: [String]", "tags: [String!]", "field-type-changed Post.tags safe"),
    pair("tags: [String]", "tags: String", "field-type-changed Post.tags breaking"),
    pair("posts: [Post]", "posts: [Node]", "field-type-changed Query.posts breaking"),
    pair("name: String", '"Called." name: String', "field-description-added User.name safe"),
    pair('"Where to write." email', "email", "field-description-removed User.email safe"),
    pair('"Where to write." email', '"Mail." email', "field-description-changed User.email safe"),
    pair("name: String", "name: String @deprecated", "field-deprecation-added User.name safe"),
    pair("name: String", 'name: String @deprecated(reason: "Why.")', "field-deprecation-added User.name safe"),
    pair('old: Int @deprecated(reason: "Gone.")', "old: Int", "field-deprecation-removed User.old safe"),
    pair('(reason: "Gone.")', "", "field-deprecation-reason-removed User.old safe"),
    pair('(reason: "Gone.")', '(reason: "No longer supported")', "field-deprecation-reason-removed User.old safe"),
    pair('(reason: "Gone.")', '(reason: "Other.")', "field-deprecation-reason-changed User.old safe"),
    pair("CLOSED @deprecated", 'CLOSED @deprecated(reason: "R.")',
         "enum-value-deprecation-reason-added State.CLOSED safe"),
    # arguments
    pair("posts: [Post]", "posts(n: Int): [Post]", "field-argument-added Query.posts.n dangerous"),
    pair("posts: [Post]", "posts(n: Int! = 3): [Post]", "field-argument-added Query.posts.n dangerous"),
    pair("posts: [Post]", "posts(n: Int!): [Post]", "field-argument-added Query.posts.n breaking"),
    pair(", size: Int = 10", "", "field-argument-removed Query.user.size breaking"),
    pair("user(id: ID!,", "user(id: ID,", "field-argument-type-changed Query.user.id safe"),
    pair("user(id: ID!,", "user(id: Int!,", "field-argument-type-changed Query.user.id breaking"),
    pair("size: Int = 10", "size: Int! = 10", "field-argument-type-changed Query.user.size breaking"),
    pair("size: Int = 10", "size: Int = 20", "field-argument-default-changed Query.user.size dangerous"),
    pair("size: Int = 10", "size: Int", "field-argument-default-removed Query.user.size dangerous"),
    pair("order: Order)", "order: Order = ASC)", "field-argument-default-added Query.user.order dangerous"),
    pair("user(id: ID!,", 'user(id: ID! = "1",', "field-argument-default-added Query.user.id safe"),
    pair('"Sorted." order', "order", "field-argument-description-removed Query.user.order safe"),
    pair('"Sorted." order', '"In order." order', "field-argument-description-changed Query.user.order safe"),
    pair("size: Int = 10", '"How many." size: Int = 10', "field-argument-description-added Query.user.size safe"),
    pair("size: Int = 10", "size: Int = 10 @deprecated", "field-argument-deprecation-added Query.user.size safe"),
    # input fields
    pair("text: String }", "text: String more: Int }", "input-field-added Filter.more dangerous"),
    pair("text: String }", "text: String more: Int! }", "input-field-added Filter.more breaking"),
    pair("text: String }", "text: String more: Int! = 1 }", "input-field-added Filter.more dangerous"),
    pair(" text: String }", " }", "input-field-removed Filter.text breaking"),
    pair("limit: Int!", "limit: Int", "input-field-type-changed Filter.limit safe"),
    pair("limit: Int!", "limit: String!", "input-field-type-changed Filter.limit breaking"),
    pair("text: String }", "text: String! }", "input-field-type-changed Filter.text breaking"),
    pair("state: State = OPEN", "state: State = CLOSED", "input-field-default-changed Filter.state dangerous"),
    pair("state: State = OPEN", "state: State", "input-field-default-removed Filter.state dangerous"),
    pair("text: String }", 'text: String = "" }', "input-field-default-added Filter.text dangerous"),
    pair("limit: Int!", "limit: Int! = 5", "input-field-default-added Filter.limit safe"),
    pair("text: String }", '"Words." text: String }', "input-field-description-added Filter.text safe"),
    pair("text: String }", "text: String @deprecated }", "input-field-deprecation-added Filter.text safe"),
    # enums, unions, interfaces
    pair("{ ASC DESC }", "{ ASC DESC NONE }", "enum-value-added Order.NONE safe"),
    pair("{ OPEN CLOSED", "{ OPEN NEW CLOSED", "enum-value-added State.NEW dangerous"),
    pair("{ ASC DESC }", "{ ASC }", "enum-value-removed Order.DESC breaking"),
    pair("{ ASC DESC }", "{ DESC ASC }"),
    pair("{ ASC DESC }", '{ "Up." ASC DESC }', "enum-value-description-added Order.ASC safe"),
    pair("{ ASC DESC }", "{ ASC DESC @deprecated }", "enum-value-deprecation-added Order.DESC safe"),
    pair("CLOSED @deprecated", "CLOSED", "enum-value-deprecation-removed State.CLOSED safe"),
    pair("= User | Post", "= User | Post | Link", "union-member-added Found.Link dangerous"),
    pair("= User | Post", "= User", "union-member-removed Found.Post breaking"),
    pair("= User | Post", "= Post | User"),
    pair("type Link {", "type Link implements Node { id: ID!",
         "interface-added Link.Node dangerous", "field-added Link.id safe"),
    pair("type Post implements Node", "type Post", "interface-removed Post.Node breaking"),
    # roots
    pair("type Mutation {", "schema { query: Query } type Mutation {",
         "mutation-root-removed schema.mutation breaking"),
    pair("type Mutation {", "type Subscription { a: Int } type Mutation {",
         "type-added Subscription safe", "subscription-root-added schema.subscription safe"),
    pair("type Mutation {", "schema { query: User mutation: Mutation } type Mutation {",
         "query-root-changed schema.query breaking"),
    pair("type Mutation {", "schema { query: Query mutation: Post } type Mutation {",
         "mutation-root-changed schema.mutation breaking"),
    pair("type Mutation {", "schema { query: Query mutation: Mutation } type Mutation {"),
    pair("type Mutation {", '"All." schema { query: Query mutation: Mutation } type Mutation {',
         "schema-description-added schema safe"),
    # what the specification gives a meaning
    pair("input Filter", "input Filter @oneOf", "one-of-added Filter breaking"),
    pair("input By @oneOf", "input By", "one-of-removed By safe"),
    pair(' @specifiedBy(url: "https://example.org/url")', "", "specified-by-removed Url dangerous"),
    pair("org/url", "org/other", "specified-by-changed Url dangerous"),
    pair("scalar Plain", 'scalar Plain @specifiedBy(url: "https://a.b")', "specified-by-added Plain safe"),
    # directives
    pair("directive @cost", "directive @new on FIELD\ndirective @cost", "directive-added @new safe"),
    pair("directive @cost(by: Int! = 1, why: String) on FIELD_DEFINITION | FIELD\n", "",
         "directive-removed @cost breaking"),
    pair("directive @auth repeatable on OBJECT | FIELD_DEFINITION | ENUM_VALUE | UNION\n", "",
         "directive-removed @auth dangerous"),
    pair("directive @cost", '"Dear."\ndirective @cost', "directive-description-added @cost safe"),
    pair("on FIELD_DEFINITION | FIELD\n", "on FIELD_DEFINITION\n", "directive-location-removed @cost.FIELD breaking"),
    pair("on FIELD_DEFINITION | FIELD\n", "on FIELD\n",
         "directive-location-removed @cost.FIELD_DEFINITION dangerous"),
    pair("on FIELD_DEFINITION | FIELD\n", "on FIELD_DEFINITION | FIELD | QUERY\n",
         "directive-location-added @cost.QUERY safe"),
    pair("directive @cost(by: Int! = 1, why: String) on", "directive @cost(by: Int! = 1, why: String) repeatable on",
         "directive-repeatable-added @cost safe"),
    pair("directive @auth repeatable", "directive @auth", "directive-repeatable-removed @auth dangerous"),
    pair(", why: String)", ", why: String, who: Int)", "directive-argument-added @cost.who safe"),
    pair(", why: String)", ", why: String, who: Int!)", "directive-argument-added @cost.who breaking"),
    pair(", why: String)", ")", "directive-argument-removed @cost.why breaking"),
    pair("by: Int! = 1", "by: Int = 1", "directive-argument-type-changed @cost.by safe"),
    pair("by: Int! = 1", "by: Float! = 1", "directive-argument-type-changed @cost.by breaking"),
    pair("by: Int! = 1", "by: Int! = 2", "directive-argument-default-changed @cost.by dangerous"),
    pair("by: Int! = 1", "by: Int!", "directive-argument-default-removed @cost.by breaking"),
    pair("why: String)", 'why: String = "x")', "directive-argument-default-added @cost.why dangerous"),
    pair("why: String)", '"Reason." why: String)', "directive-argument-description-added @cost.why safe"),
    # usages of directives
    pair("type Mutation {", "extend schema @mark type Mutation {", "directive-usage-schema-added schema dangerous"),
    pair("scalar Plain", "scalar Plain @mark", "directive-usage-scalar-added Plain dangerous"),
    pair("type Link {", "type Link @mark {", "directive-usage-object-added Link dangerous"),
    pair("interface Node {", "interface Node @mark {", "directive-usage-interface-added Node dangerous"),
    pair("union Found =", "union Found @mark =", "directive-usage-union-added Found dangerous"),
    pair("enum Order {", "enum Order @mark {", "directive-usage-enum-added Order dangerous"),
    pair("input Filter {", "input Filter @mark {", "directive-usage-input-added Filter dangerous"),
    pair("{ ASC DESC }", "{ ASC @mark DESC }", "directive-usage-enum-value-added Order.ASC dangerous"),
    pair("size: Int = 10", "size: Int = 10 @mark", "directive-usage-argument-added Query.user.size dangerous"),
    pair("text: String }", "text: String @mark }", "directive-usage-input-field-added Filter.text dangerous"),
    pair("name: String", "name: String @mark(at: 1)", "directive-usage-field-added User.name dangerous"),
    pair("name: String", "name: String @auth @auth",
         "directive-usage-field-added User.name dangerous", "directive-usage-field-added User.name dangerous"),
    marked("@mark(at: 1)", "@mark(at: 2)", "directive-usage-argument-changed User.name.@mark.at dangerous"),
    marked("@mark(at: 1)", "@mark", "directive-usage-argument-removed User.name.@mark.at dangerous"),
    marked("@mark(at: 1)", "", "directive-usage-field-removed User.name dangerous"),
    # several at once
    pair(" text: String }", " words: String }",
         "input-field-removed Filter.text breaking", "input-field-added Filter.words dangerous"),
    pair("name: String", "fullName(short: Boolean): String!",
         "field-removed User.name breaking", "field-added User.fullName safe"),
]  # fmt: skip
