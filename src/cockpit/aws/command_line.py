"""The `aws` command (version 2) that makes the same call: shown beside every call, and good to be typed by hand."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

import json
import shlex
from typing import TYPE_CHECKING

from botocore import xform_name

from cockpit.aws.read_list import is_read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

SERVICE_NAMES = {"codedeploy": "deploy", "config": "configservice", "s3": "s3api"}
"""Services that the command line calls otherwise than botocore."""

OPTION_NAMES = {
    ("sns", "Subscribe", "Endpoint"): "notification-endpoint",
    ("codepipeline", "GetPipeline", "version"): "pipeline-version",
    ("eks", "UpdateClusterVersion", "version"): "kubernetes-version",
    ("eks", "UpdateNodegroupVersion", "version"): "kubernetes-version",
    ("stepfunctions", "SendTaskSuccess", "output"): "task-output",
}
"""Options that the command line renames, because it uses the plain name itself (``--version``, ``--output``)."""

STREAMING_READS = {("appconfig", "GetHostedConfigurationVersion")}
RAW_BYTES = "--cli-binary-format raw-in-base64-out"


def command_line(
    service: str, operation: str, region: str, params: Mapping[str, JsonValue], *, profile: str | None = None
) -> str:
    """Return the equivalent command, quoted for a POSIX shell.

    Lists of plain words follow their option one by one, other lists and structures are JSON; a boolean is ``--name`` or
    ``--no-name``; None is left out. A parameter that carries bytes is given as the text itself, with the option that
    says so.
    """
    name = SERVICE_NAMES.get(service, service)
    words = ["aws", name, xform_name(operation, "-")]
    for member, value in params.items():
        option = "--" + OPTION_NAMES.get((service, operation, member), xform_name(member, "-"))
        words.extend(_option(option, value))
    words.append(f"--region {shlex.quote(region)}")
    if profile:
        words.append(f"--profile {shlex.quote(profile)}")
    words.extend(_byte_words(service, operation, params))
    return " ".join(words)


def _option(option: str, value: JsonValue) -> list[str]:
    if value is None:
        return []
    if isinstance(value, bool):
        return [option if value else f"--no-{option.removeprefix('--')}"]
    if isinstance(value, list) and value and all(map(_is_plain, value)):
        return [option, *(shlex.quote(str(item)) for item in value)]
    if isinstance(value, list | dict):
        return [option, shlex.quote(json.dumps(value, ensure_ascii=False))]
    return _scalar(option, str(value))


def _is_plain(item: JsonValue) -> bool:
    """Tell whether a list's item may stand by itself on the command line."""
    if isinstance(item, bool) or not isinstance(item, str | int | float):
        return False
    return item != "" and not str(item).startswith(("-", "{", "["))


def _scalar(option: str, text: str) -> list[str]:
    """Bind a value to its option where the command line would take it for an option or a file."""
    if text.startswith("-"):
        return [f"{option}={shlex.quote(text)}"]
    return [option, shlex.quote(text)]


def _byte_words(service: str, operation: str, params: Mapping[str, JsonValue]) -> list[str]:
    """Return what the call needs beside its parameters: how bytes are given, and where streamed output goes."""
    from cockpit.aws.catalogue import shared_catalogue  # noqa: PLC0415 - not needed for most reads, and loads models

    if is_read(service, operation) and (service, operation) not in STREAMING_READS:
        return []
    catalogue = shared_catalogue()
    blobs = catalogue.blob_members(service, operation)
    outfile = ["/dev/stdout"] if catalogue.streams_output(service, operation) else []
    return outfile + ([RAW_BYTES] if any(member in blobs for member in params) else [])
