"""docs/writing-plans.md: nothing that a plan may hold is missing from it, and its examples are sound."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel

from cockpit.engine.answers import Answers
from cockpit.plans import functions
from cockpit.plans.actions import ACTION_KEYS
from cockpit.plans.written import Include, Piece, PlanFile

PAGE = (Path(__file__).parents[2] / "docs" / "writing-plans.md").read_text()
HEADINGS = {
    "Step": "## Steps",
    "Cost": "## Steps",
    "Halt": "## Steps",
    "Undo": "## Steps",
    "Read": "## Reads and proofs",
    "Probe": "## Reads and proofs",
    "AlarmWatch": "## Reads and proofs",
    "Reconcile": "## Reads and proofs",
    "Include": "## Pieces",
    "Adapted": "## Pieces",
    "Piece": "## Pieces",
    "Parallel": "## Parallel branches",
    "WrittenBranch": "## Parallel branches",
    "Answers": "## Runs without a person",
    "StepAnswer": "## Runs without a person",
}
OF_ACTIONS = {
    "Among": "ask",
    "ChecklistItem": "checklist",
    "Discovered": "ask",
    "LogOnset": "restore_point",
    "Loses": "approve",
    "NotifySpec": "post_status",
    "OfRestorable": "restore_point",
    "Option": "decide",
    "Patience": "http",
    "Writes": "restore_point",
}
UNWRITTEN = {"kind", "action", "part", "branch"}  # made by the cockpit, or written as the action's own name


def models(*roots):
    """Return every model that a file of these kinds may hold, with those they inherit fields from."""
    found, ahead = {}, list(roots)
    while ahead:
        annotation = ahead.pop()
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if annotation.__name__ not in found:
                found[annotation.__name__] = annotation
                ahead += [base for base in annotation.__bases__ if issubclass(base, BaseModel) and base.model_fields]
                ahead += [field.annotation for field in annotation.model_fields.values()]
        else:
            ahead += get_args(annotation)
    return found


MODELS = models(PlanFile, Piece, Answers)


def section(heading):
    """Return the part of the page under a heading, to the next one of its kind."""
    level = heading.partition(" ")[0]
    rest = PAGE.partition(f"\n{heading}")[2]
    assert rest, f"the page has no heading {heading}"
    return re.split(rf"\n#{{1,{len(level)}}} ", rest, maxsplit=1)[0]


def place(name):
    """Return the heading under which a model's fields are explained."""
    kind = getattr(MODELS[name].model_fields.get("kind"), "default", None) or OF_ACTIONS.get(name)
    if name in OF_ACTIONS or kind in ACTION_KEYS:
        return f"### `{OF_ACTIONS.get(name, kind)}`"
    return HEADINGS.get(name, "## The plan")


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_field_is_explained(name):
    """An author would have to read the code to find out what a plan can say."""
    own = [field for field in MODELS[name].__annotations__ if field in MODELS[name].model_fields]
    written = {MODELS[name].model_fields[field].alias or field for field in own} - UNWRITTEN
    words = section(place(name))
    missing = {field for field in written if not re.search(rf"[`\s{{(]{field}[`:]", words)}
    assert missing == set(), f"not under {place(name)}"


def test_every_function_is_explained():
    """A function nobody knows of is written a second time."""
    known = {name.removeprefix("_func_") for name in vars(functions.PlanFunctions) if name.startswith("_func_")}
    assert {name for name in known if f"`{name}(" not in PAGE} == set()


def test_the_examples_of_includes_and_answers_are_sound():
    """Whoever copies an example starts from something that works."""
    blocks = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "…" not in text]
    includes = [block[0] for block in blocks if isinstance(block, list) and "include" in block[0]]
    answers = [block for block in blocks if isinstance(block, dict) and "answers" in block]
    assert [Include.model_validate(each).include for each in includes] == ["halt-ecs-fleet"]
    assert [Answers.model_validate(each).second_person for each in answers] == ["R. Second"]
