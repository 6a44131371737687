"""What an update would change in a stack: the lines of a change set. Reads templates only; drift is not seen."""

from dataclasses import replace
from typing import Any

from cockpit.sim.cloudformation_kinds import kind_of
from cockpit.sim.cloudformation_model import Change, Resource, Stack
from cockpit.sim.cloudformation_template import Declared, Template, references


def with_parameters(declared: Declared, parameters: dict[str, str]) -> Declared:
    """Return a declaration with its parameters filled in; references to other resources stay as they are."""
    return replace(declared, properties=_fill(declared.properties, parameters))


def changes(stack: Stack, template: Template, parameters: dict[str, str]) -> list[Change]:
    """Return what an update to a template would change, as a change set lists it."""
    wanted = [with_parameters(each, parameters) for each in template.resources]
    names = {each.logical_id for each in wanted}
    found: list[Change] = []
    replaced: set[str] = set()
    for each in wanted:
        change = _change(stack.resources.get(each.logical_id), each, replaced)
        if change is not None:
            found.append(change)
        if change is not None and change.replacement == "True":
            replaced.add(each.logical_id)
    removed = [each for name, each in stack.resources.items() if name not in names]
    return found + [Change("Remove", each.declared, _physical_id(each)) for each in removed]


def _change(resource: Resource | None, wanted: Declared, replaced: set[str]) -> Change | None:
    if resource is None or resource.physical is None:
        return Change("Add", wanted, "")
    recreating = kind_of(wanted.kind).replaced_by
    old, new = resource.declared.properties, wanted.properties
    direct = [
        (name, "DirectModification", "Static", "Always" if name in recreating else "Never")
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]
    indirect = [
        (name, "ResourceReference", "Dynamic", "Conditionally" if name in recreating else "Never")
        for name, value in sorted(new.items())
        if replaced & set(references(value)) and old.get(name) == value
    ]
    if not direct and not indirect and not resource.status.endswith("_FAILED"):
        return None
    recreates = {each[3] for each in (*direct, *indirect)}
    replacement = "True" if "Always" in recreates else "Conditional" if "Conditionally" in recreates else "False"
    return Change("Modify", wanted, _physical_id(resource), replacement, (*direct, *indirect))


def _physical_id(resource: Resource) -> str:
    return resource.physical.ref if resource.physical else ""


def _fill(value: Any, parameters: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_fill(each, parameters) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"} and value["Ref"] in parameters:
        return parameters[value["Ref"]]
    if set(value) == {"Fn::Sub"}:
        text = value["Fn::Sub"]
        for name, given in parameters.items():
            text = text.replace(f"${{{name}}}", given)
        return {"Fn::Sub": text}
    return {key: _fill(each, parameters) for key, each in value.items()}
