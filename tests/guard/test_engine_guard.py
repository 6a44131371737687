"""Whatever is sent to the engine, nothing is changed but through a confirmed step of an armed run (DESIGN 7)."""

import asyncio
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.aws.port import Permit
from cockpit.aws.read_list import is_read
from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.errors import StartRefused
from cockpit.engine.journal_reading import JOURNAL, read_journal
from support.engine_rig import SCALE, Rig, ScriptedPort, lost, make_plan, rejected

ENVIRONMENT = "shop-drill"
STEPS = {
    "scale": SCALE,
    "drop": {
        "id": "drop",
        "effect": "destructive",
        "skippable": True,
        "aws": {"call": "dynamodb:DeleteTable", "params": {"TableName": "{{ inputs.table }}"}},
    },
    "begin": {
        "id": "begin",
        "effect": "mutate",
        "halts": [{"name": "x", "what": "x", "value": "`1`"}],
        "aws": {"call": "cloudformation:CancelUpdateStack", "params": {"StackName": "shop"}},
        "undo": {
            "words": "Scale up again",
            "aws": {"call": "ecs:UpdateService", "params": {"cluster": "shop", "service": "worker", "desiredCount": 4}},
        },
    },
    "fleet": {"id": "fleet", "aws": {"call": "ecs:DescribeServices", "params": {"cluster": "shop"}}},
    "look": {"id": "look", "checklist": {"items": [{"id": "seen", "text": "Seen?"}]}},
    "name": {"id": "name", "ask": {"question": "Name?"}},
    "sure": {"id": "sure", "approve": {"statement": "Sure?", "phrase": "sure"}},
}
REPLIES = {"answer": None, "lost": lost(), "rejected": rejected()}
TYPED = st.sampled_from(["", "yes", "Orders", "worker", "orders", "sure", ENVIRONMENT, "stack/shop", "--force"])
REASONS = st.sampled_from(["", "because"])
STEP_IDS = st.sampled_from(["", *STEPS, "none"])
ATTEMPTS = st.integers(0, 3)
WAYS = st.sampled_from(["retry", "skip", "reconcile", "happened", "not_happened", "abort"])
ANYTHING = st.one_of(
    st.builds(c.Confirm, STEP_IDS, ATTEMPTS, TYPED),
    st.builds(c.Answer, STEP_IDS, ATTEMPTS, TYPED, REASONS),
    st.builds(c.TickOff, STEP_IDS, ATTEMPTS, st.just({"seen": True})),
    st.builds(c.Approve, STEP_IDS, ATTEMPTS, TYPED, TYPED),
    st.builds(c.PostStatus, STEP_IDS, ATTEMPTS, TYPED),
    st.builds(c.SolveTrouble, STEP_IDS, ATTEMPTS, WAYS, REASONS),
    st.builds(c.Skip, STEP_IDS, ATTEMPTS, REASONS),
    st.builds(c.Note, TYPED),
    st.builds(c.Pause),
    st.builds(c.Resume),
    st.builds(c.Abort, st.sampled_from(["leave", "stop", "undo"]), REASONS),
    st.builds(c.HandOver, TYPED),
)
FITTING = "an answer that fits"
# Four of five moves go on with the plan, or no run would come far.
MOVE = st.tuples(st.integers(0, 4), ANYTHING).map(lambda drawn: drawn[1] if drawn[0] == 4 else FITTING)
MOVES = st.lists(MOVE, min_size=4, max_size=12)
MODES = st.integers(0, 5).map(lambda drawn: "dry" if drawn == 5 else "live")


class WitnessPort(ScriptedPort):
    """Looks into the journal on disk whenever something is about to be sent, and notes what is not in order."""

    def __init__(self, runs):
        super().__init__()
        self._runs = runs
        self.violations = []

    async def read(self, service, operation, region, params, *, pages=False):
        if not is_read(service, operation):
            self.violations.append(f"{service}:{operation} was sent as a read")
        return await super().read(service, operation, region, params, pages=pages)

    async def mutate(self, permit, params):
        self.violations += self._doubts(permit, params)
        return await super().mutate(permit, params)

    def _doubts(self, permit, params):
        entries = read_journal(self._runs / permit.run_id / JOURNAL).entries
        state_records = [entry.record for entry in entries]
        intent = state_records[-1]
        what = f"{permit.service}:{permit.operation} of {permit.step}"
        place = (permit.service, permit.operation, permit.region, permit.step, permit.attempt, permit.call)
        if intent.kind != "intent":
            return [f"{what}: the last record is {intent.kind}, no intent"]
        found = (intent.service, intent.operation, intent.region, intent.step, intent.attempt, intent.call)
        doubts = [] if (found, intent.params) == (place, params) else [f"{what}: its intent is another"]
        drivers = [n for n, record in enumerate(state_records) if record.kind == "driver_took_over"]
        now = state_records[drivers[-1] :]
        if not any(record.kind == "armed" and record.typed == ENVIRONMENT for record in now):
            doubts.append(f"{what}: not armed by this driver")
        if any(record.kind == "handed_over" for record in now):
            doubts.append(f"{what}: after it was handed over")
        return doubts + self._unconfirmed(what, now, intent)

    @staticmethod
    def _unconfirmed(what, now, intent):
        shown = [n for n, record in enumerate(now) if record.kind == "prompted" and record.prompt.kind == "confirm"]
        if not shown:
            return [f"{what}: nothing was shown"]
        prompted, after = now[shown[-1]], now[shown[-1] + 1 :]
        (call,) = prompted.prompt.calls
        same = (call.service, call.operation, prompted.step, prompted.attempt)
        doubts = []
        if same != (intent.service, intent.operation, intent.step, intent.attempt):
            doubts.append(f"{what}: another call was shown")
        if any(intent.params.get(name) != value for name, value in call.params.items()):
            doubts.append(f"{what}: other parameters were shown")
        confirmed = [r for r in after if r.kind == "answered" and r.command == "Confirm" and r.step == intent.step]
        if not confirmed or confirmed[-1].answer["typed"] != prompted.prompt.type_this:
            doubts.append(f"{what}: not confirmed as it has to be")
        if sum(record.kind == "intent" for record in after) != 1:
            doubts.append(f"{what}: one confirmation served for two calls")
        return doubts


def fitting(run):
    """Return a command that fits what is asked now; a note if nothing is."""
    state = run.state()
    prompt = state.prompt
    if prompt is None:
        return c.Note("waiting")
    at = (state.now_step, state.steps[state.now_step].attempt)
    makers = {
        p.ConfirmPrompt: lambda: c.Confirm(*at, typed=prompt.type_this),
        p.ChecklistPrompt: lambda: c.TickOff(*at, items={"seen": True, "undone": True}),
        p.TextPrompt: lambda: c.Answer(*at, value="x"),
        p.ApprovePrompt: lambda: c.Approve(*at, typed=prompt.phrase),
        p.TroublePrompt: lambda: c.SolveTrouble(*at, way=prompt.ways[0], reason="seen"),
    }
    return makers[type(prompt)]()


def settle(run, seconds=0.15):
    """Wait until the engine waits for somebody, or is done; not longer than that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not run.stopped() and run.state().prompt is None:
        time.sleep(0.002)


def taken(run, known, seconds=0.03):
    """Wait until a command has left a record; some leave none."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and run.state().last_seq == known:
        time.sleep(0.001)


def rig_in(folder, replies):
    rig = Rig(Path(folder) / "runs", speed=200_000.0)
    reads = rig.port.reads
    rig.port = WitnessPort(rig.folder)
    rig.port.reads = {**reads, "ecs:DescribeServices": lambda _: {"services": [{"desiredCount": 4}]}}
    for name, reply in replies.items():
        if REPLIES[reply] is not None:
            rig.port.changes[name] = REPLIES[reply]
    return rig


CALLS = ("ecs:UpdateService", "dynamodb:DeleteTable", "cloudformation:CancelUpdateStack")


@given(
    st.lists(st.sampled_from(sorted(STEPS)), min_size=2, max_size=5, unique=True),
    st.fixed_dictionaries({name: st.sampled_from(sorted(REPLIES)) for name in CALLS}),
    MOVES,
    MODES,
    MOVES,
)
@settings(max_examples=50, deadline=None)
def test_no_sequence_of_commands_changes_anything_unconfirmed(steps, replies, moves, mode, later):
    """Some order of keys, answers and crashes would send a call that nobody confirmed, or a call twice."""
    with tempfile.TemporaryDirectory() as folder:
        rig = rig_in(folder, replies)
        try:
            run = rig.start(make_plan(*(STEPS[name] for name in steps)), mode=mode)
            play(run, moves)
            run.close()
            if not run.state().ended:
                play(rig.resume(rig.path()), later)
        finally:
            rig.close()
        assert not rig.port.violations
        assert mode == "live" or not rig.port.mutations
        intents = [e.record for e in read_journal(rig.path() / JOURNAL).entries if e.record.kind == "intent"]
        assert len(intents) == len(rig.port.mutations)


def play(run, moves):
    for move in moves:
        settle(run)
        if run.stopped():
            return
        known = run.state().last_seq
        run.send(fitting(run) if move == FITTING else move)
        taken(run, known)
    settle(run)


def test_witness_would_see_a_call_that_nobody_confirmed():
    """The test above could not fail."""
    with tempfile.TemporaryDirectory() as folder:
        rig = rig_in(folder, {})
        run = rig.start(make_plan(SCALE))
        settle(run)
        where = {"service": "ecs", "operation": "UpdateService", "region": "us-east-1", "account": "123456789012"}
        permit = Permit(run_id=run.run_id, step="scale", attempt=1, call=0, **where)
        asyncio.run(rig.port.mutate(permit, {}))
        assert rig.port.violations == ["ecs:UpdateService of scale: the last record is prompted, no intent"]
        rig.port.violations.clear()
        play(run, [FITTING])
        rig.close()
        assert len(rig.port.mutations) == 2
        assert not rig.port.violations


@given(st.text(max_size=20).filter(lambda typed: typed != ENVIRONMENT))
@settings(max_examples=30, deadline=None)
def test_only_the_environments_name_arms(typed):
    """A live run would begin without the environment being named."""
    with tempfile.TemporaryDirectory() as folder:
        rig = rig_in(folder, {})
        with pytest.raises(StartRefused):
            rig.start(make_plan(SCALE), typed=typed)
        assert not rig.folder.exists()
        assert not rig.port.permits
