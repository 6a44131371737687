"""CloudFormation templates, as far as they are simulated: parameters, resources, and references between them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import yaml

from cockpit.sim.errors import AwsError, NotSimulated

SECTIONS = frozenset({"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Resources", "Outputs"})
FUNCTIONS = frozenset({"Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join"})
PSEUDO = frozenset({"AWS::Region", "AWS::AccountId", "AWS::StackName", "AWS::StackId", "AWS::Partition"})
_IN_TEXT = re.compile(r"\$\{([A-Za-z0-9:.]+)\}")


@dataclass(frozen=True, slots=True)
class Declared:
    """A resource as a template declares it. `properties` hold references, unresolved."""

    logical_id: str
    kind: str
    properties: dict[str, Any]
    depends_on: frozenset[str]
    retained: bool


@dataclass(frozen=True)
class Template:
    """A template. `parameters` are declarations by name; `resources` stand in an order in which they can be made."""

    text: str
    description: str
    parameters: dict[str, dict[str, Any]]
    resources: tuple[Declared, ...]
    outputs: dict[str, dict[str, Any]]

    def capabilities(self) -> tuple[str, ...]:
        """Return what has to be acknowledged: resources of IAM, with names of their own or without."""
        of_iam = [each for each in self.resources if each.kind.startswith("AWS::IAM::")]
        named = any(name in each.properties for each in of_iam for name in ("RoleName", "UserName", "GroupName"))
        if named:
            return ("CAPABILITY_NAMED_IAM",)
        return ("CAPABILITY_IAM",) if of_iam else ()


class Names(Protocol):
    """What references in a template stand for."""

    def ref(self, name: str) -> Any:
        """Return a parameter's value, a resource's physical id, or a pseudo parameter."""

    def attribute(self, name: str, attribute: str) -> Any:
        """Return an attribute of a resource."""


def read_template(text: str) -> Template:
    """Return a template from its text, YAML (with short tags) or JSON.

    Raises:
        AwsError: it is no sound template (ValidationError).
        NotSimulated: it uses something that is not simulated.
    """
    try:
        written = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise AwsError("ValidationError", f"Template format error: {' '.join(str(error).split())}") from None
    if not isinstance(written, dict) or not isinstance(written.get("Resources"), dict) or not written["Resources"]:
        message = "Template format error: At least one Resources member must be defined."
        raise AwsError("ValidationError", message)
    other = sorted(set(written) - SECTIONS)
    if other:
        raise NotSimulated(f"the template sections {', '.join(other)}")
    declared = [_declared(name, body) for name, body in written["Resources"].items()]
    parameters = dict(written.get("Parameters") or {})
    _check_references(declared, parameters)
    ordered = tuple(_in_order(declared))
    return Template(text, str(written.get("Description", "")), parameters, ordered, dict(written.get("Outputs") or {}))


def resolved(value: Any, names: Names) -> Any:
    """Return a value with every reference filled in."""
    if isinstance(value, list):
        return [resolved(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    function, given = next(iter(value.items()), ("", None))
    if function in FUNCTIONS and len(value) == 1:
        return _called(function, given, names)
    return {key: resolved(each, names) for key, each in value.items()}


def _called(function: str, given: Any, names: Names) -> Any:
    """Return what an intrinsic function gives."""
    if function == "Ref":
        return names.ref(given)
    if function == "Fn::GetAtt":
        return names.attribute(*given)
    if function == "Fn::Join":
        mark, parts = given
        return str(mark).join(str(resolved(part, names)) for part in parts)
    return _IN_TEXT.sub(lambda found: str(_in_text(found[1], names)), given)


def references(value: Any) -> Iterator[str]:
    """Yield the names of parameters and resources that a value refers to."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key == "Ref":
                yield str(each)
            elif key == "Fn::GetAtt":
                yield str(each[0])
            elif key == "Fn::Sub":
                yield from (name.partition(".")[0] for name in _IN_TEXT.findall(each))
            else:
                yield from references(each)


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short tags: ``!Ref x`` as ``{Ref: x}``, ``!Sub x`` as ``{"Fn::Sub": x}``."""


def _short_tag(constructor: Any, suffix: str, node: Any) -> dict[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        value: Any = constructor.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = constructor.construct_mapping(node, deep=True)
    else:
        value = constructor.construct_scalar(node)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_tag)


def _declared(name: str, body: Any) -> Declared:
    if not isinstance(body, dict) or not isinstance(body.get("Type"), str):
        raise AwsError("ValidationError", f"Template format error: [/Resources/{name}] must have a Type.")
    properties = dict(body.get("Properties") or {})
    _check_functions(properties)
    written = body.get("DependsOn") or []
    depends_on = frozenset([written] if isinstance(written, str) else written)
    return Declared(name, body["Type"], properties, depends_on, body.get("DeletionPolicy") == "Retain")


def _check_functions(value: Any) -> None:
    """Refuse intrinsic functions that are not simulated."""
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_functions(each)
    if isinstance(value, dict):
        unknown = [key for key in value if str(key).startswith("Fn::") and key not in FUNCTIONS]
        if unknown or (not isinstance(value.get("Fn::Sub", ""), str)):
            raise NotSimulated(f"the intrinsic function {', '.join(unknown) or 'Fn::Sub with a map'}")


def _check_references(declared: list[Declared], parameters: Mapping[str, Any]) -> None:
    known = {each.logical_id for each in declared} | set(parameters) | PSEUDO
    used = {name for each in declared for name in (*references(each.properties), *each.depends_on)}
    if used - known:
        message = f"Template format error: Unresolved resource dependencies [{', '.join(sorted(used - known))}]"
        raise AwsError("ValidationError", f"{message} in the Resources block of the template")


def _in_order(declared: list[Declared]) -> Iterator[Declared]:
    """Yield resources after everything they refer to, else in the order in which they are written."""
    waiting = {each.logical_id: each for each in declared}
    while waiting:
        for each in waiting.values():
            if not (each.depends_on | set(references(each.properties))) & (set(waiting) - {each.logical_id}):
                break
        else:
            raise AwsError("ValidationError", f"Circular dependency between resources: [{', '.join(waiting)}]")
        del waiting[each.logical_id]
        yield each


def _in_text(name: str, names: Names) -> Any:
    resource, dot, attribute = name.partition(".")
    return names.attribute(resource, attribute) if dot else names.ref(name)
