"""A prompt of every kind, and what answers it: the keys, and the command they send."""

from datetime import timedelta

from cockpit.engine import commands as c
from cockpit.engine.prompts import (
    ApprovePrompt,
    Bucket,
    CheckItem,
    ChecklistPrompt,
    Choice,
    ChoicePrompt,
    ConfirmPrompt,
    Mark,
    NotifyPrompt,
    PlannedCall,
    Prompt,
    RestorePointPrompt,
    StatusPrompt,
    TextPrompt,
    TroublePrompt,
)
from support.fake_run import START, FakeRun, opened

NAME = "SyncWellMetadata"
CALL = PlannedCall(
    service="ecs", operation="UpdateService", region="us-east-1", account="123456789012",
    params={"service": "syncwell-worker", "desiredCount": 0},
    command="aws ecs update-service --service syncwell-worker --desired-count 0", target="ECS service syncwell-worker",
)  # fmt: skip
RESTORE = PlannedCall(
    service="dynamodb", operation="RestoreTableToPointInTime", region="us-east-1", account="123456789012",
    params={"SourceTableName": NAME}, command="aws dynamodb restore-table-to-point-in-time", target=f"table {NAME}",
)  # fmt: skip
POINT = RestorePointPrompt(
    table=NAME,
    earliest=START - timedelta(days=35),
    latest=START - timedelta(minutes=5),
    marks=(Mark(at=START - timedelta(minutes=30), kind="deployment", label="d-BAD started", suspect=True),),
    proposal=START - timedelta(minutes=30, seconds=1),
    buckets=(Bucket(at=START - timedelta(minutes=20), writes=3), Bucket(at=START - timedelta(minutes=19), writes=4)),
    period=1,
    basis="SyncWell/ConfigWrites",
    end=START - timedelta(minutes=10),
    end_basis="writes proven stopped",
    rpo_seconds=900,
)
PROMPTS: dict[str, tuple[str, Prompt]] = {
    "confirm": ("halt", ConfirmPrompt(calls=(CALL,), data_cost="none", time_cost="a minute", undo="set it back")),
    "typed": ("restore", ConfirmPrompt(calls=(RESTORE,), point_of_no_return=True, type_this=NAME)),
    "choice": (
        "confirm",
        ChoicePrompt(
            question="Is it corruption?",
            choices=(
                Choice(value="no", label="No", refused="evidence says otherwise"),
                Choice(value="yes", label="Yes", consequence="goes on"),
            ),
            recommended=1,
            because="the log says so",
        ),
    ),
    "text": ("tell", TextPrompt(question="How many tickets?", offered="12", pattern="[0-9]+")),
    "checklist": (
        "check",
        ChecklistPrompt(items=(CheckItem(id="a", text="A", evidence="1"), CheckItem(id="b", text="B"))),
    ),
    "approve": ("accept", ApprovePrompt(statement="Lose it?", phrase="lose 7", second_person=True, accepts_loss=True)),
    "restore_point": ("point", POINT),
    "status": ("tell", StatusPrompt(phase="initial", title="Initial", basis="draft", text="Maintenance.")),
    "notify": ("tell", NotifyPrompt(to="Support", text="Expect tickets.")),
    "trouble": (
        "halt",
        TroublePrompt(
            outcome="unknown",
            message="No answer.",
            evidence=("INTENT written",),
            ways=("reconcile", "happened", "abort"),
        ),
    ),
}
ANSWERS: dict[str, tuple[tuple[str, ...], c.Command]] = {
    "confirm": (("c",), c.Confirm("halt", 1)),
    "typed": ((*NAME, "enter"), c.Confirm("restore", 1, typed=NAME)),
    "choice": (("down", "enter", "enter"), c.Answer("confirm", 1, value="yes")),
    "text": (("shift+tab", "shift+tab", "enter"), c.Answer("tell", 1, value="12")),
    "checklist": (
        ("down", "space", "down", "o", *"late", "enter", "enter"),
        c.TickOff("check", 1, {"a": True, "b": "late"}),
    ),
    "approve": (
        (*"lose", "space", "7", "enter", *"bob", "enter"),
        c.Approve("accept", 1, typed="lose 7", second_person="bob"),
    ),
    "restore_point": (
        ("left", "enter", "c"),
        c.ChooseRestorePoint("point", 1, START - timedelta(minutes=30, seconds=2)),
    ),
    "status": ((*"page", "enter", "enter"), c.PostStatus("tell", 1, "Maintenance.", True, "page")),
    "notify": ((*"chat", "enter"), c.Answer("tell", 1, value="chat")),
    "trouble": (
        ("down", "down", "enter", *"seen", "enter", "enter"),
        c.SolveTrouble("halt", 1, "happened", "seen"),
    ),
}
KINDS = tuple(PROMPTS)


def asking(kind: str) -> FakeRun:
    """Return a run that asks this."""
    run = opened()
    run.ask(*PROMPTS[kind])
    return run
