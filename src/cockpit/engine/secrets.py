"""Secrets in calls, answers and words: a journal keeps what it is told for ever, so it is never told one. Pure.

A secret is known by the name of its member, or by a form that nothing else has. In words (notes, readings, messages)
it is enough that it looks like one; values that later calls need are not changed for looking like one.
"""

import re
from collections.abc import Mapping

from pydantic import JsonValue

NOT_KEPT = "(secret, not kept)"

# Members that carry secrets, as AWS's own models name them. `appconfig` content is marked sensitive there too, but
# plans have to compare it; it is configuration, and secrets do not belong into it.
_SECRET = frozenset(
    name.casefold()
    for name in (
        "AuthToken",
        "ClientSecret",
        "MasterPassword",
        "MasterUserPassword",
        "NewPassword",
        "Password",
        "PrivateKey",
        "SecretAccessKey",
        "SecretBinary",
        "SecretKey",
        "SecretString",
        "SessionToken",
    )
)


# Forms that nothing but a secret has: a private key in PEM (RFC 7468), tokens whose makers gave them a prefix so that
# they are found, a signed JSON web token (RFC 7519), and AWS's own name for a secret key before its 40 characters.
_FORMS = (
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:.*?-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----|.*)",
    r"\bgh[pousr]_[A-Za-z0-9]{36,}",
    r"\bgithub_pat_\w{22,}",
    r"\bglpat-[\w-]{20,}",
    r"\bxox[abeoprs]-[\w-]{10,}",
    r"\b[sr]k_live_[A-Za-z0-9]{16,}",
    r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    r"(?i:(?<=aws_secret_access_key)[\"' ]*[=:][\"' ]*)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])",
)
_SURE = re.compile("|".join(_FORMS), re.DOTALL)
# What looks like a secret in words: the password in a URL (RFC 3986), and what is set equal to something named so.
_URL_PASSWORD = re.compile(r"(?<=://)([^\s:/@]*):[^\s/@]+@")
_NAMED = re.compile(
    r"(?i)\b([\w-]*(?:password|passwd|secret|auth_?token|access_?token|api_?-?key)[\w-]*(?:\s?=\s?|:\s))"
    r"(?=[^\s,;&]*\d)[^\s,;&]{6,}"  # a value with a digit in it: "secret: replicated" is none
)


def secrets_in(params: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Return the names of the parameters, at any depth, that carry secrets; a SecureString's value is one.

    One that was not kept (`without_secrets`) is among them: what stands in its place must never be sent.
    """
    found = [name for name, value in params.items() if name.casefold() in _SECRET and value is not None]
    if params.get("Type") == "SecureString" and "Value" in params:
        found.append("Value")
    for name, value in params.items():
        inner = value if isinstance(value, list) else [value]
        for each in inner:
            if isinstance(each, dict):
                found += secrets_in(each)
            elif isinstance(each, str) and (NOT_KEPT in each or _SURE.search(each)):
                found.append(name)
    return tuple(dict.fromkeys(found))


def without_secrets(answer: JsonValue) -> JsonValue:
    """Return an answer with the values of such members, and what has a secret's form, replaced by `NOT_KEPT`."""
    if isinstance(answer, str):
        return _SURE.sub(NOT_KEPT, answer)
    if isinstance(answer, list):
        return [without_secrets(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    hidden = {key for key, value in answer.items() if not isinstance(value, list | dict) and _is_named(key, answer)}
    return {key: NOT_KEPT if key in hidden else without_secrets(value) for key, value in answer.items()}


def words_without_secrets(words: str) -> str:
    """Return words in which also what only looks like a secret is replaced."""
    sure = _SURE.sub(NOT_KEPT, words)
    return _NAMED.sub(rf"\1{NOT_KEPT}", _URL_PASSWORD.sub(rf"\1:{NOT_KEPT}@", sure))


def _is_named(name: str, members: Mapping[str, JsonValue]) -> bool:
    secure = name == "Value" and members.get("Type") == "SecureString"
    return secure or (name.casefold() in _SECRET and members[name] is not None)
