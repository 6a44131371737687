"""Read and check `cockpit.toml`."""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cockpit.config.errors import ConfigError
from cockpit.config.ordinary import ORDINARY_NAME, ordinary_place
from cockpit.config.paths import find_config
from cockpit.config.schema import DESTINATION, Config, Environment
from cockpit.config.toml_lines import line_of

__all__ = ["ConfigError", "choose_environment", "load_config"]


def load_config(path: Path | None = None) -> Config:
    """Return the checked configuration: of `path`, $COCKPIT_CONFIG, ./cockpit.toml, or the user's directory.

    Without any file it is one read-only environment named ``default`` from the ordinary AWS settings.

    Raises:
        ConfigError: the file cannot be read or is wrong (every mistake with file and line), or there is neither file
            nor region.
    """
    file = find_config(path)
    if file is None:
        place = ordinary_place()
        return Config(environments={ORDINARY_NAME: Environment(kind=place.kind, regions=place.regions)})
    return _read(file)


def choose_environment(config: Config, name: str | None = None) -> tuple[str, Environment]:
    """Return the environment of that name, else the default one, else the only one.

    Raises:
        ConfigError: there is none of that name, or the choice is open.
    """
    known = ", ".join(config.environments)
    wanted = name or config.default or (next(iter(config.environments)) if len(config.environments) == 1 else None)
    if wanted is None:
        raise ConfigError(f"Several environments and no `default`: name one of them: {known}.")
    if wanted not in config.environments:
        raise ConfigError(f"There is no environment {wanted!r} in the configuration. It has: {known}.")
    return wanted, config.environments[wanted]


def _read(file: Path) -> Config:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{file}: the configuration cannot be read: {reason}.") from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words, line = _toml_trouble(str(error), text)
        raise ConfigError(f"{file}:{line}: not valid TOML: {words}.") from error
    try:
        config = Config.model_validate(document)
    except ValidationError as error:
        raise ConfigError("\n".join(_mistakes(file, text, error))) from error
    if config.default is not None and config.default not in config.environments:
        known = ", ".join(config.environments)
        line = line_of(text, ("default",))
        raise ConfigError(f"{file}:{line}: default: expected one of the environments {known}; got {config.default!r}")
    return config.model_copy(update={"plans": tuple(_beside(file, folder) for folder in config.plans)})


def _beside(file: Path, folder: str) -> str:
    """Return a folder named in a file: a relative one stands beside the file."""
    return str(file.parent / Path(folder).expanduser())


def _toml_trouble(message: str, text: str) -> tuple[str, int]:
    """Split tomllib's message: its words, and the line, which it gives only inside the text (until Python 3.14)."""
    found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    if found is None:
        return message, 1
    return message[: found.start()], int(found.group(1)) if found.group(1) else text.count("\n") + 1


def _mistakes(file: Path, text: str, error: ValidationError) -> list[str]:
    return [
        f"{file}:{line_of(text, details['loc'])}: {'.'.join(map(str, details['loc'])) or 'the file'}: {_words(details)}"
        for details in error.errors(include_url=False)
    ]


def _words(details: ErrorDetails) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "extra_forbidden":
        return "there is no such setting; misspelt?"
    if kind == "missing":
        return "this setting is required and missing"
    if kind == "string_pattern_mismatch":
        return f"expected {_pattern_in_words(str(context.get('pattern', '')))}; got {_short(details['input'])}"
    if kind == "enum":
        return f"expected {context.get('expected')}; got {_short(details['input'])}"
    message = details["msg"]
    return f"{message[:1].lower()}{message[1:]}; got {_short(details['input'])}"


_PATTERNS = {
    r"^\d{12}$": "a 12-digit AWS account id in quotes",
    r"^[a-z]{2}(-[a-z]+)+-\d$": "an AWS region such as us-east-1",
    DESTINATION: "a destination as ssh takes it, such as deploy@app-1",
}


def _pattern_in_words(pattern: str) -> str:
    return _PATTERNS.get(pattern, "a plain name")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"  # noqa: PLR2004 - what fits a line
