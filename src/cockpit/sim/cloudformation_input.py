"""What calls of CloudFormation bring along: template, parameters, capabilities, tokens; checked as AWS does."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.exceptions import ClientError

from cockpit.sim.cloudformation_kinds import kind_of
from cockpit.sim.cloudformation_model import Stack, invalid
from cockpit.sim.cloudformation_template import Template, read_template
from cockpit.sim.errors import AwsError, NotSimulated

_NOT_SIMULATED = (
    "DeploymentConfig",
    "DeploymentMode",
    "ImportExistingResources",
    "IncludeNestedStacks",
    "OnStackFailure",
    "ResourceTypes",
    "ResourcesToImport",
    "RetainExceptOnCreate",
    "RetainResources",
    "RoleARN",
    "RollbackConfiguration",
    "StackPolicyBody",
    "StackPolicyDuringUpdateBody",
    "StackPolicyDuringUpdateURL",
    "StackPolicyURL",
    "StackSetName",
    "TimeoutInMinutes",
)
_VIRTUAL_HOST = re.compile(r"^(?P<bucket>[a-z0-9.-]+)\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$")
_PATH_HOST = re.compile(r"^s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$")


def refuse_what_is_not_simulated(params: dict[str, Any]) -> None:
    """Refuse a call with a parameter that would change what it does, and is not simulated."""
    found = [name for name in _NOT_SIMULATED if params.get(name) not in (None, False, [], {})]
    if found:
        raise NotSimulated(f"CloudFormation's {', '.join(found)}")


def template_of(params: dict[str, Any], s3: Any, stack: Stack | None = None) -> Template:
    """Return the template that a call names: as text, as an object in S3, or the stack's own.

    Raises:
        AwsError: there is none, or it is no sound template.
    """
    if params.get("UsePreviousTemplate") and stack is not None:
        return stack.template
    if params.get("TemplateBody"):
        text = str(params["TemplateBody"])
    elif params.get("TemplateURL"):
        text = _from_s3(str(params["TemplateURL"]), s3)
    else:
        raise invalid("Either Template URL or Template Body must be specified.")
    template = read_template(text)
    for each in template.resources:
        kind_of(each.kind)
    return template


def parameters_of(params: dict[str, Any], template: Template, stack: Stack | None = None) -> dict[str, str]:
    """Return every parameter of the template with its value: given, kept from the stack, or the default.

    Raises:
        AwsError: one is given that the template does not have, or one has no value.
    """
    given = {each["ParameterKey"]: each for each in params.get("Parameters", [])}
    unknown = sorted(set(given) - set(template.parameters))
    if unknown:
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    values: dict[str, str] = {}
    for name, declared in template.parameters.items():
        each = given.get(name, {})
        if each.get("UsePreviousValue") and stack is not None and name in stack.parameters:
            values[name] = stack.parameters[name]
        elif each.get("ParameterValue") is not None:
            values[name] = str(each["ParameterValue"])
        elif "Default" in declared:
            values[name] = str(declared["Default"])
    without = [name for name in template.parameters if name not in values]
    if without:
        raise invalid(f"Parameters: [{', '.join(without)}] must have values")
    return values


def check_capabilities(params: dict[str, Any], template: Template) -> None:
    """Refuse a template with resources of IAM that the call does not acknowledge (E-34)."""
    given = set(params.get("Capabilities", []))
    if "CAPABILITY_NAMED_IAM" in given:
        given.add("CAPABILITY_IAM")
    missing = [name for name in template.capabilities() if name not in given]
    if missing:
        raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{', '.join(missing)}]")


def is_repeated(stack: Stack, params: dict[str, Any], operation: str) -> bool:
    """Tell whether a call with this token was carried out before.

    Raises:
        AwsError: the token was used for another operation.
    """
    token = str(params.get("ClientRequestToken") or "")
    used_for = stack.tokens.get(token)
    if used_for not in (None, operation):
        message = f"A client request token can be used for one operation; {token} was used for {used_for}."
        raise AwsError("TokenAlreadyExistsException", message)
    return used_for is not None


def begin(stack: Stack, params: dict[str, Any], operation: str) -> None:
    """Take note of a call that is carried out: its token stands in every event that it sets off."""
    stack.token = str(params.get("ClientRequestToken") or "")
    if stack.token:
        stack.tokens[stack.token] = operation


def in_state(stack: Stack, allowed: tuple[str, ...], refusal: Callable[[Stack], str]) -> None:
    """Refuse a call that the stack's status does not allow."""
    if stack.status not in allowed:
        raise invalid(refusal(stack))


def _from_s3(url: str, s3: Any) -> str:
    """Return the text of an object, in the version that the URL names, if it names one."""
    parts = urlsplit(url)
    host, path = parts.netloc, unquote(parts.path.lstrip("/"))
    virtual = _VIRTUAL_HOST.match(host)
    bucket, key = (virtual["bucket"], path) if virtual else (path.partition("/")[0], path.partition("/")[2])
    if not virtual and not _PATH_HOST.match(host):
        raise invalid("TemplateURL must be a supported URL.")
    version = parse_qs(parts.query).get("versionId")
    try:
        answer = s3.get_object(Bucket=bucket, Key=key, **({"VersionId": version[0]} if version else {}))
    except ClientError as error:
        raise invalid(f"S3 error: {error.response['Error']['Message']}") from None
    return str(answer["Body"].read().decode())
