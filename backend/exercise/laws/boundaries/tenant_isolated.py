"""``law.tenant-isolated``."""

from __future__ import annotations

from backend.exercise.callers import Caller
from backend.exercise.calls import NOTHING, id_of, row
from backend.exercise.laws.changes import body_of_update
from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import Listing, parent_field, walk
from backend.exercise.laws.trial import Made, Trial, Untested
from backend.exercise.world import WorldError

OF_TENANTS = ("tenant_id", "tenantId", "organization_id", "organizationId", "org_id", "workspace_id", "company_id")


async def check(trial: Trial) -> None:
    """As somebody of another tenant read, change, delete, list, refer to and link what a tenant has."""
    if "other_tenant" not in trial.subject.callers:
        raise Untested("there is no caller of another tenant; give a token for other_tenant")
    stranger = trial.subject.callers["other_tenant"]
    for resource in trial.contract.resources:
        wanted = trial.wanted(resource)
        if wanted is not None and not wanted.tenant:
            continue
        async with trial.about(resource.get or resource.list or resource.collection):
            made = await trial.make(resource)
            if wanted is None and not any(name in made.values for name in OF_TENANTS):
                raise Untested("neither a blueprint nor its rows say that it belongs to tenants")
            await _item(trial, made, stranger)
            await _lists(trial, made, stranger)
            await _references(trial, made, stranger)
            await _unique(trial, made, stranger)


async def _item(trial: Trial, made: Made, stranger: Caller) -> None:
    resource = made.resource
    tried = [(operation, NOTHING) for operation in (resource.get, resource.delete) if operation is not None]
    if resource.update is not None:
        tried.insert(0, (resource.update, await body_of_update(trial, resource.update, made)))
    for each in (stranger, trial.subject.callers.helper(stranger)):
        for operation, body in tried:
            answer = await trial.ask(operation, each, path=made.path, body=body)
            told = f"{operation.method} of a row of another tenant as {each.name} is {answer.status}, not 404"
            trial.expect(answer.status == 404, told)
    if resource.get is not None:
        status = (await trial.act(resource.get, made)).status
        trial.expect(status == 200, f"after another tenant's attempts the row is read with {status}", last=3)


async def _lists(trial: Trial, made: Made, stranger: Caller) -> None:
    resource = made.resource
    if resource.list is not None and "{" not in resource.collection:
        walked = await _walked(trial, Listing(resource.list, resource, {}, stranger))
        trial.expect(str(made.id) not in walked, "the list of another tenant shows the row")
    for nested in resource.nested:
        parent = made.values.get(parent_field(trial, resource, nested.parent))
        if nested.list is not None and parent is not None:
            walked = await _walked(trial, Listing(nested.list, resource, {nested.parameter: parent}, stranger))
            trial.expect(str(made.id) not in walked, f"{nested.list.label} shows the row to another tenant")


async def _walked(trial: Trial, listing: Listing) -> list[str]:
    try:
        return (await walk(trial, listing)).ids
    except Untested:  # refused, which isolates as well
        return []


async def _references(trial: Trial, made: Made, stranger: Caller) -> None:
    """A row of the other tenant may not point to this one."""
    for other in trial.contract.resources:
        for field, name in trial.subject.world.references(other).items():
            if name != made.resource.name or other.create is None or not trial.settable(other, field):
                continue
            try:
                own = await trial.make(other, stranger, **{field: made.id})
            except WorldError as error:
                status = error.answer.status if error.answer is not None else 0
                sound = 400 <= status < 500
                trial.expect(sound, f"{other.create.label} with {field} of another tenant's row is {status}")
            else:
                trial.fail(f"{other.create.label} with {field} of another tenant's row made {own.id}")


async def _unique(trial: Trial, made: Made, stranger: Caller) -> None:
    """Values are unique within a tenant: a conflict would tell that another has it."""
    wanted, create = trial.wanted(made.resource), made.resource.create
    if wanted is None or create is None:
        return
    for name, spec in wanted.fields.items():
        if spec.unique and made.values.get(name) is not None and wanted.owner != "self":
            for caller in (stranger, trial.subject.callers.helper(stranger)):
                body = await trial.subject.world.valid_body(made.resource, caller, **{name: made.values[name]})
                path = await trial.subject.world.path_values(create, caller)
                answer = await trial.ask(create, caller, path=path, body=body)
                sound = answer.status != 409
                trial.expect(
                    sound, f"the {name} of another tenant's row is refused with 409, which tells that it exists"
                )
                leaked = answer.status == 201 and id_of(made.resource, row(answer)) == made.id
                trial.expect(not leaked, "a create gave another tenant's row")


LAW = Law(
    id="law.tenant-isolated",
    claim="No caller reads, changes, finds, refers to or learns of a row of another tenant.",
    applies="resources that belong to tenants",
    why="One forgotten condition shows a customer's data to another.",
    source="OWASP API1:2023 Broken Object Level Authorization; wire contract v1: of another tenant is always 404",
    check=check,
)
