"""The last door before the journal: a record loses what has the form of a secret. Pure."""

from pydantic import JsonValue

from cockpit.engine import records as r
from cockpit.engine.secrets import without_secrets, words_without_secrets

# Calls are refused before they are written if they carry a secret (`secrets_in`), and are never changed: what is shown
# and journaled is what is sent. A plan is what its author wrote.
_AS_THEY_ARE = (r.RunOpened, r.Intent, r.Prompted)


def without_secret_values(record: r.Record) -> r.Record:
    """Return a record in whose words and values no secret is left that can be told by its form.

    Words (a note, a reading, a message) lose also what only looks like one. Values that steps hand on, an answer or an
    input, lose only what surely is one.
    """
    if isinstance(record, _AS_THEY_ARE):
        return record
    found = {name: getattr(record, name) for name in type(record).model_fields}
    changed = {name: clean for name, value in found.items() if (clean := _cleaned(name, value)) != value}
    return record.model_copy(update=changed) if changed else record


def _cleaned(name: str, value: object) -> object:
    if isinstance(value, dict) or name == "value":
        kept: JsonValue = value  # type: ignore[assignment]  # a value that steps hand on is JSON
        return without_secrets(kept)
    if isinstance(value, tuple):
        return tuple(_cleaned(name, each) for each in value)
    return words_without_secrets(value) if isinstance(value, str) else value
