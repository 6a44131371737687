"""Choices that exist: all of them are looked at, and why each is or is not a candidate is said."""

from typing import Any

from cockpit.engine.actions.ask import AskAction
from cockpit.engine.commands import Answer
from cockpit.engine.prompts import ChoicePrompt
from cockpit.model.effect import Outcome
from cockpit.plans.actions.ask import AskSpec
from support.action_bench import Bench, ScriptedPort, a_plan, denied

ASK = {
    "question": "Which version?",
    "discovered": {
        "read": "lambda:ListVersionsByFunction",
        "params": {"FunctionName": "orders"},
        "pages": True,
        "items": "reverse(sort_by(answer.Versions, &to_number(Version)))",
        "detail": {
            "read": "lambda:GetFunctionConfiguration",
            "params": {"FunctionName": "orders", "Qualifier": "{{ item.Version }}"},
        },
        "value": "item.Version",
        "label": "version {{ item.Version }}, published {{ utc_words(item.LastModified) }}",
        "refuse_when": "item.Version == '9' || detail.State != 'Active'",
        "why_not": "{{ (item.Version == '9' && 'it is the faulty one') || join(' ', ['it is', detail.State]) }}",
        "limit": 4,
    },
}


class Functions(ScriptedPort):
    """Lambda with so many versions; it remembers for which lists all pages were wanted."""

    def __init__(self, count: int) -> None:
        modified = "2026-01-31T03:04:05.000+0000"
        versions = [{"Version": str(number), "LastModified": modified} for number in range(1, count + 1)]

        def state(params: dict[str, Any]) -> dict[str, Any]:
            return {"State": "Inactive" if params["Qualifier"] == "8" else "Active"}

        super().__init__(
            {
                ("lambda", "ListVersionsByFunction"): {"Versions": versions},
                ("lambda", "GetFunctionConfiguration"): state,
            }
        )


async def asked(port: ScriptedPort, **changes: Any) -> tuple[Bench, Any]:
    spec = {**ASK, "discovered": {**ASK["discovered"], **changes}}  # type: ignore[dict-item]
    bench = Bench(a_plan({"ask": spec}), port=port, people=[lambda _: Answer("step", 1, value="7")])
    action = bench.step.action
    assert isinstance(action, AskSpec)
    return bench, await AskAction().perform(bench, action)


async def test_the_newest_come_first_with_why_each_is_no_candidate():
    """Somebody would choose a version that cannot run, or not know why the one they want is refused."""
    bench, result = await asked(Functions(9))
    assert result.captured == {"answer": "7"}
    prompt = bench.prompts[0]
    assert isinstance(prompt, ChoicePrompt)
    assert [(each.value, each.refused) for each in prompt.choices] == [
        ("9", "it is the faulty one"),
        ("8", "it is Inactive"),
        ("7", ""),
        ("6", ""),
    ]
    assert prompt.choices[2].label == "version 7, published 2026-01-31 03:04:05 UTC"
    assert prompt.question == "Which version? The first 4 of 9 are shown."


async def test_nothing_is_said_of_a_limit_that_leaves_nothing_out():
    """A hint that more exist would be looked for in vain."""
    bench, _ = await asked(Functions(9), limit=9)
    prompt = bench.prompts[0]
    assert isinstance(prompt, ChoicePrompt)
    assert prompt.question == "Which version?"
    assert len(prompt.choices) == 9


async def test_a_candidate_whose_details_cannot_be_read_is_refused():
    """What could not be looked at would be offered as if it were sound."""
    port = Functions(9)
    port.answers["lambda", "GetFunctionConfiguration"] = denied("GetFunctionConfiguration")
    _, result = await asked(port)
    assert result.outcome is Outcome.FAILED
    assert result.reason.startswith("There is nothing to choose from. version 9")
    assert "its details could not be read" in result.reason
