"""Secrets in calls: a journal keeps what it is told for ever, so it is never told one. Pure."""

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


def secrets_in(params: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Return the names of the parameters, at any depth, that carry secrets; a SecureString's value is one."""
    found = [name for name, value in params.items() if name.casefold() in _SECRET and value is not None]
    if params.get("Type") == "SecureString" and "Value" in params:
        found.append("Value")
    for value in params.values():
        inner = value if isinstance(value, list) else [value]
        for each in inner:
            if isinstance(each, dict):
                found += secrets_in(each)
    return tuple(dict.fromkeys(found))


def without_secrets(answer: JsonValue) -> JsonValue:
    """Return an answer with the values of such members replaced by `NOT_KEPT`."""
    if isinstance(answer, list):
        return [without_secrets(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    hidden = set(secrets_in({key: value for key, value in answer.items() if not isinstance(value, list | dict)}))
    return {key: NOT_KEPT if key in hidden else without_secrets(value) for key, value in answer.items()}
