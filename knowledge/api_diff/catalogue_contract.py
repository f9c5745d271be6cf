"""Every kind of change outside of schemas; see :mod:`knowledge.api_diff.sorts`."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.api_diff.sorts import Sort, parse_sorts

_PATHS = """
path-removed | existence | narrows | path-added | breaking | breaking
The path {old} is gone.
any: Calls to it fail with 404: stop making them first.

path-added | existence | widens | path-removed | safe | safe
The path {new} is new.
any: Nothing to do.

operation-removed | existence | narrows | operation-added | breaking | breaking
{old} is gone.
any: Calls to it fail with 405 or 404: stop making them first.

operation-added | existence | widens | operation-removed | safe | safe
{new} is new.
any: Nothing to do.

operation-id-changed | existence | | | risky | risky
The operationId is {new} now, it was {old}.
any: Calls over the wire work as before; in generated clients the function has another name: rename the calls.

operation-id-removed | existence | | operation-id-added | risky | risky
The operation has no operationId any more, it was {old}.
any: Calls over the wire work as before; in generated clients the function has another name: rename the calls.

operation-id-added | existence | | operation-id-removed | safe | safe
The operation has the operationId {new} now.
any: Calls over the wire work as before.
"""

_PARAMETERS = """
parameter-added | existence | | parameter-removed | safe | safe
{it} is new.
request: It is optional: nothing to do.
response: Receivers may ignore it: nothing to do.

parameter-removed | existence | | parameter-added | risky | risky
{it} is gone.
request: What clients send there is ignored or rejected: stop sending it.
response: Receivers never get it any more: stop relying on it first.

required-parameter-added | existence | narrows | required-parameter-removed | breaking | safe
{it} is new and required.
request: Requests without it are rejected: send it.
response: Receivers may ignore it: nothing to do.

required-parameter-removed | existence | widens | required-parameter-added | risky | breaking
{it} is gone; it was required.
request: What clients send there is ignored or rejected: stop sending it.
response: Receivers that read it fail: stop relying on it first.

parameter-required | requiredness | narrows | parameter-optional | breaking | safe
{it} is required now.
request: Requests without it are rejected: always send it.

parameter-optional | requiredness | widens | parameter-required | safe | breaking
{it} is optional now.
response: Receivers that count on it fail without: handle its absence first.

style-changed | type | differs | | breaking | breaking
{it} is written as {new} now, it was {old}.

serialization-changed | type | differs | | breaking | breaking
{it} is written as {new} now, it was {old}.

empty-value-forbidden | constraints | narrows | empty-value-allowed | breaking | safe
{it} may no longer be empty.

empty-value-allowed | constraints | widens | empty-value-forbidden | safe | risky
{it} may be empty now.
"""

_PAYLOADS = """
body-added | existence | widens | body-removed | safe | safe
The operation takes a body now, which may be left out.
request: Nothing to do.

body-removed | existence | narrows | body-added | risky | risky
The operation takes no body any more; it could be left out.
request: What clients send there is ignored or rejected: stop sending it.

required-body-added | existence | narrows | required-body-removed | breaking | safe
The operation needs a body now.
request: Requests without one are rejected: send it.

required-body-removed | existence | widens | required-body-added | risky | breaking
The operation takes no body any more; it was required.
request: What clients send there is ignored or rejected: stop sending it.

body-required | requiredness | narrows | body-optional | breaking | safe
The request body is required now.
request: Requests without one are rejected: always send it.

body-optional | requiredness | widens | body-required | safe | breaking
The request body may be left out now.

media-type-removed | existence | narrows | media-type-added | breaking | breaking
{it} is no longer {old}.
request: Requests in that form are rejected with 415: send another form first.
response: Clients that accept only that form get 406 or cannot read the answer: accept another form first.

media-type-added | existence | widens | media-type-removed | safe | safe
{it} may be {new} now.
request: Nothing to do.
response: Nothing to do for clients that say which form they accept.

media-type-narrowed | type | narrows | media-type-widened | breaking | safe
{it} may only be {new} now, it was {old}.

media-type-widened | type | widens | media-type-narrowed | safe | breaking
{it} may be {new} now, it was {old}.

encoding-changed | type | differs | | breaking | breaking
{it} encodes its part {new} in another way.

content-added | existence | widens | content-removed | safe | safe
{it} has a body now.
response: Clients may ignore it: nothing to do.

content-removed | existence | narrows | content-added | breaking | breaking
{it} has no body any more.
response: Clients that read it fail: stop relying on it first.

success-status-removed | existence | narrows | success-status-added | breaking | breaking
The operation never answers {old} any more.
request: A receiver that answers so is taken as failing: answer another status first.
response: Clients that wait for that status fail: handle the others first.

success-status-added | existence | widens | success-status-removed | safe | risky
The operation may answer {new} now.
request: Nothing to do.
response: Clients that compare with the statuses of before take it as a failure: look how yours judge success.

error-status-removed | existence | narrows | error-status-added | risky | risky
The operation never answers {old} any more, says the contract.
request: A receiver that answers so may be taken as failing in another way: look what you answer.
response: What caused it may now be answered otherwise: look whether you handle that status.

error-status-added | existence | | error-status-removed | safe | safe
The operation may answer {new} now.
any: Clients have to expect errors anyway: nothing to do.

link-removed | existence | narrows | link-added | risky | risky
{it} no longer has the link {old}.
any: Clients that follow it stop: build the next call without it.

link-added | existence | widens | link-removed | safe | safe
{it} has the new link {new}.
any: Nothing to do.

link-changed | type | differs | | risky | risky
The link {new} of {it} leads elsewhere.
any: Clients that follow it make another call: look whether that fits.
"""

_HEADERS = """
header-added | existence | | header-removed | safe | safe
{it} is new.
any: Clients may ignore it: nothing to do.

header-removed | existence | | header-added | risky | risky
{it} is gone; it was optional.
request: What is sent there is ignored: stop sending it.
response: Clients that read it never find it again: stop relying on it first.

required-header-added | existence | narrows | required-header-removed | breaking | safe
{it} is new and in every answer.
request: Without it the message is rejected: send it.
response: Clients may ignore it: nothing to do.

required-header-removed | existence | widens | required-header-added | risky | breaking
{it} is gone; it was in every answer.
request: What is sent there is ignored: stop sending it.
response: Clients that read it fail: stop relying on it first.

header-required | requiredness | narrows | header-optional | breaking | safe
{it} is required now.

header-optional | requiredness | widens | header-required | safe | breaking
{it} is optional now.
response: Answers may come without it: handle its absence first.
"""

_SECURITY = """
authentication-added | existence | narrows | authentication-removed | breaking | breaking
The operation needs authentication now ({new}); anybody could call it.
any: Calls without credentials fail with 401: get credentials and send them first.

authentication-removed | existence | widens | authentication-added | safe | safe
Anybody may call it now; it needed authentication ({old}).
any: Credentials are no longer needed; whether everybody should see this is a question to its provider.

scheme-removed | existence | narrows | scheme-added | breaking | breaking
The operation no longer accepts {old}.
any: Calls with these credentials fail with 401: change to another way to authenticate first.

scheme-added | existence | widens | scheme-removed | safe | safe
The operation accepts {new} as well.
any: Nothing to do.

scheme-required | existence | narrows | scheme-unneeded | breaking | breaking
The operation needs {new} in addition to {old}.
any: Calls without it fail with 401: get these credentials and send them too.

scheme-unneeded | existence | widens | scheme-required | safe | safe
The operation no longer needs {old} in addition to {new}.
any: Nothing to do.

scope-added | type | narrows | scope-removed | breaking | breaking
The operation needs the scope {new} now.
any: Tokens without it are refused with 403: ask for the scope when you get your tokens.

scope-removed | type | widens | scope-added | safe | safe
The operation no longer needs the scope {old}.
any: Nothing to do; ask for less when you get your tokens.

scheme-changed | type | differs | | breaking | breaking
Credentials are sent as {new} now, it was {old}.
any: Credentials sent in the old way are refused with 401: change how you send them first.

flow-removed | type | narrows | flow-added | breaking | breaking
Tokens cannot be got by the flow {old} any more.
any: Clients that get theirs so are locked out: change to another flow first.

flow-added | type | widens | flow-removed | safe | safe
Tokens can be got by the flow {new} as well.
any: Nothing to do.

flow-url-changed | type | differs | | breaking | breaking
Tokens of this flow are got at {new} now, it was {old}.
any: Clients that ask the old address may get none: change the address first.

scope-unlisted | type | narrows | scope-listed | risky | risky
The scope {old} is no longer offered.
any: Asking for it may fail: look whether you do.

scope-listed | type | widens | scope-unlisted | safe | safe
The scope {new} is offered.
any: Nothing to do.
"""

_REST = """
server-removed | existence | narrows | server-added | breaking | breaking
The server {old} is gone.
any: Calls to it fail: change to another server first.

server-added | existence | widens | server-removed | safe | safe
The server {new} is new.
any: Nothing to do.

webhook-removed | existence | narrows | webhook-added | breaking | breaking
The webhook {old} is gone.
any: Receivers are never called again: find out in another way first.

webhook-added | existence | widens | webhook-removed | safe | safe
The webhook {new} is new.
any: Nothing to do until you subscribe to it.

callback-removed | existence | narrows | callback-added | breaking | breaking
The callback {old} is gone.
any: Receivers are never called again: find out in another way first.

callback-added | existence | widens | callback-removed | safe | safe
The callback {new} is new.
any: Nothing to do until you ask for it.

tag-removed | existence | | tag-added | safe | safe
The operation no longer has the tag {old}.
any: Calls over the wire work as before; clients that are generated by tag put it elsewhere.

tag-added | existence | | tag-removed | safe | safe
The operation has the tag {new} now.
any: Calls over the wire work as before; clients that are generated by tag put it elsewhere.

version-raised | lifecycle | | version-lowered | safe | safe
The contract has the version {new} now, it was {old}.
any: Nothing to do.

version-lowered | lifecycle | | version-raised | risky | risky
The contract has the version {new} now, it was {old}: it went back.
any: Look whether the two documents are in the order that you think.

version-changed | lifecycle | | | safe | safe
The contract has the version {new} now, it was {old}.
any: Nothing to do.
"""

CONTRACT_SORTS: Mapping[str, Sort] = {
    name: sort
    for text in (_PATHS, _PARAMETERS, _PAYLOADS, _HEADERS, _SECURITY, _REST)
    for name, sort in parse_sorts(text).items()
}
"""Changes of paths, parameters, bodies, answers, headers, security, servers and the rest."""
