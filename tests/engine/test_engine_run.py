"""A plan run by the real driver over a scripted AWS."""

import time

import pytest

from cockpit.aws.port import ReadFailed
from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.errors import JournalError, StartRefused
from cockpit.engine.journal_reading import JOURNAL, read_journal
from cockpit.model.effect import Outcome
from cockpit.model.reading import Fault, FaultKind
from support.engine_rig import (
    CONFIRM,
    SCALE,
    TROUBLE,
    Rig,
    answer,
    ended,
    fault,
    kinds,
    lost,
    make_plan,
    prompt_of,
    records,
    rejected,
    until,
)


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path / "runs")
    made.desired = 4

    def scale(params):
        made.desired = params["desiredCount"]
        return {"service": {"desiredCount": made.desired}}

    made.port.changes["ecs:UpdateService"] = scale
    made.port.reads["ecs:DescribeServices"] = lambda _: {"services": [{"desiredCount": made.desired}]}
    yield made
    made.close()


def test_confirmed_mutation_is_sent_once_and_journaled(rig):
    """A confirmed step would send nothing, or twice, or leave no trace of it."""
    run = rig.start(make_plan(SCALE))
    prompt = prompt_of(run, CONFIRM)
    assert prompt.calls[0].command.startswith("aws ecs update-service")
    assert not rig.port.mutations
    answer(run, c.Confirm)
    state = ended(run)
    assert state.ended == "finished"
    assert [name for name, _ in rig.port.mutations] == ["ecs:UpdateService"]
    assert state.steps["scale"].captured == {"desired": 0}
    order = kinds(run)
    assert order.index("intent") < order.index("acked") < order.index("step_ended", order.index("acked"))
    assert read_journal(rig.path() / JOURNAL).is_whole
    assert rig.port.closed


def test_unknown_outcome_is_reconciled_and_not_repeated(rig):
    """A lost answer would lead to a second call."""

    def scale(params):
        rig.desired = params["desiredCount"]
        return lost()(params)

    rig.port.changes["ecs:UpdateService"] = scale
    run = rig.start(make_plan(SCALE))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    state = ended(run)
    assert state.ended == "finished"
    assert len(rig.port.mutations) == 1
    assert records(run, "reconciled")[0].verdict == "happened"
    assert state.steps["scale"].captured == {"desired": 0}


def test_call_that_did_not_arrive_is_sent_again_only_after_a_new_confirmation(rig):
    """The engine would repeat a call of its own accord."""
    rig.port.changes["ecs:UpdateService"] = lost()
    run = rig.start(make_plan(SCALE))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    trouble = prompt_of(run, TROUBLE)
    assert "did not take effect" in trouble.message
    assert records(run, "reconciled")[0].verdict == "not_happened"
    assert len(rig.port.mutations) == 1
    rig.port.changes["ecs:UpdateService"] = lambda _: {"service": {"desiredCount": 0}}
    answer(run, c.SolveTrouble, way="retry")
    prompt_of(run, CONFIRM)
    assert len(rig.port.mutations) == 1
    answer(run, c.Confirm)
    assert ended(run).steps["scale"].attempt == 2
    assert len(rig.port.mutations) == 2


def test_conflict_is_for_the_operator(rig):
    """Somebody else's value would be taken for ours, or overwritten."""

    def scale(params):
        rig.desired = 7
        return lost()(params)

    rig.port.changes["ecs:UpdateService"] = scale
    run = rig.start(make_plan(SCALE))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    trouble = prompt_of(run, TROUBLE)
    assert trouble.outcome == "unknown"
    assert "retry" not in trouble.ways
    assert run.state().steps["scale"].calls[-1].is_unknown
    answer(run, c.SolveTrouble, way="happened", reason="scaled by hand afterwards")
    assert ended(run).steps["scale"].outcome is Outcome.DONE
    assert len(rig.port.mutations) == 1


def test_unreadable_aws_never_decides_about_an_unknown_call(rig):
    """A failing read would count as "it did not happen"."""
    rig.port.changes["ecs:UpdateService"] = lost()
    run = rig.start(make_plan(SCALE))
    prompt_of(run, CONFIRM)
    rig.port.reads.clear()
    answer(run, c.Confirm)
    trouble = prompt_of(run, TROUBLE)
    assert trouble.outcome == "unknown"
    assert any("could not be read" in line for line in trouble.evidence)
    assert not records(run, "reconciled")


def test_rejected_call_offers_retry_and_skip_only_where_the_plan_allows_it(rig):
    """A refused call would end the run, or a step be skipped that the plan needs."""
    rig.port.changes["ecs:UpdateService"] = rejected()
    run = rig.start(make_plan(SCALE))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    trouble = prompt_of(run, TROUBLE)
    assert trouble.ways == ("retry", "abort")
    answer(run, c.SolveTrouble, way="skip", reason="because")
    answer(run, c.SolveTrouble, way="abort", reason="wrong plan")
    state = ended(run)
    assert (state.ended, state.steps["scale"].outcome) == ("aborted", Outcome.SKIPPED)
    assert "not open here" in records(run, "refused")[0].why


def test_late_and_wrong_commands_are_refused(rig):
    """An answer meant for an earlier question would confirm a later one."""
    run = rig.start(make_plan(SCALE))
    prompt_of(run, CONFIRM)
    run.send(c.Confirm("scale", 9))
    run.send(c.Answer("scale", 1, value="yes"))
    run.send(c.Confirm("other", 1))
    answer(run, c.Confirm)
    ended(run)
    assert len(records(run, "refused")) == 3
    assert len(rig.port.mutations) == 1


def test_destructive_step_needs_the_resources_name(rig):
    """A destructive step would go ahead on a key."""
    run = rig.start(make_plan({**SCALE, "effect": "destructive"}))
    assert prompt_of(run, CONFIRM).type_this == "worker"
    answer(run, c.Confirm, typed="Worker")
    answer(run, c.Confirm, typed="worker")
    ended(run)
    assert len(records(run, "refused")) == 1
    assert len(rig.port.mutations) == 1


def test_unarmed_live_run_is_not_started(rig, tmp_path):
    """A live run would start without the environment's name being typed."""
    with pytest.raises(StartRefused, match="shop-drill"):
        rig.start(make_plan(SCALE), typed="shop")
    assert not list((tmp_path / "runs").glob("*"))


def test_other_account_is_refused(rig):
    """A run would act on an account that is not the environment's."""
    rig.port.account = "999999999999"
    with pytest.raises(StartRefused, match="999999999999"):
        rig.start(make_plan(SCALE))


def test_halted_values_are_saved_before_the_change_and_ticked_off_when_put_back(rig):
    """What was halted would be forgotten, or be saved after it was overwritten."""
    steps = (
        {
            "id": "fleet",
            "aws": {
                "call": "ecs:DescribeServices",
                "params": {"cluster": "shop", "services": ["worker"]},
                "capture": {"desired": "answer.services[0].desiredCount"},
            },
        },
        {
            **SCALE,
            "halts": [
                {"name": "desired", "what": "desired count", "value": "steps.fleet.desired", "restored_by": "up"}
            ],
            "stops_writes": True,
        },
        {
            "id": "up",
            "effect": "mutate",
            "reopens_writes": True,
            "aws": {
                "call": "ecs:UpdateService",
                "params": {"cluster": "shop", "service": "worker", "desiredCount": "{{ run.halted.desired }}"},
            },
        },
    )
    run = rig.start(make_plan(*steps))
    prompt_of(run, CONFIRM)
    assert not run.state().halted
    answer(run, c.Confirm)
    second = None
    while second is None or second.calls[0].params["desiredCount"] == 0:
        second = prompt_of(run, CONFIRM)
    assert second.calls[0].params["desiredCount"] == 4
    assert [halt.value for halt in run.state().still_halted] == [4]
    assert run.state().halted_at is not None
    answer(run, c.Confirm)
    state = ended(run)
    assert state.still_halted == ()
    assert state.reopened_at is not None
    order = kinds(run)
    assert order.index("halted") < order.index("intent")


def test_proof_that_cannot_be_read_is_waited_for(rig):
    """A read fault during verification would count as failure or as success."""
    answers = iter(["broken", "broken", 3, 0])

    def running(_params):
        now = next(answers, 0)
        if now == "broken":
            return rig.port.reads["not:scripted"]({})
        return {"services": [{"runningCount": now, "desiredCount": rig.desired}]}

    verify = {
        "read": "ecs:DescribeServices",
        "params": {"cluster": "shop", "services": ["worker"]},
        "until": "answer.services[0].runningCount == `0`",
        "show": "running {{ answer.services[0].runningCount }}",
        "capture": {"running": "answer.services[0].runningCount"},
    }
    step = {**SCALE, "verify": verify}
    step["aws"] = {**SCALE["aws"], "reconcile": None}

    def unread(_):
        raise ReadFailed(fault())

    rig.port.reads["not:scripted"] = unread
    rig.port.reads["ecs:DescribeServices"] = running
    run = rig.start(make_plan(step))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    state = ended(run)
    assert state.steps["scale"].captured == {"desired": 0, "running": 0}
    assert [(seen.text.split(":")[0], seen.ok) for seen in records(run, "observed")] == [
        ("could not be read", None),
        ("running 3", False),
        ("running 0", True),
    ]


def test_proof_that_does_not_come_offers_to_look_again_without_sending(rig):
    """Looking again would send the call again."""
    verify = {
        "read": "ecs:DescribeServices",
        "params": {"cluster": "shop", "services": ["worker"]},
        "until": "answer.services[0].desiredCount == `9`",
        "timeout": "PT1M",
    }
    run = rig.start(make_plan({**SCALE, "verify": verify}))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    trouble = prompt_of(run, TROUBLE)
    assert trouble.ways[0] == "reconcile"
    rig.desired = 9
    answer(run, c.SolveTrouble, way="reconcile")
    assert ended(run).ended == "finished"
    assert len(rig.port.mutations) == 1


def test_decision_that_stops_ends_the_run(rig):
    """A run would go on after the operator chose another plan."""
    decide = {
        "id": "gate",
        "decide": {
            "question": "Is it corruption?",
            "options": [
                {"value": "yes", "label": "Yes", "consequence": "go on"},
                {"value": "no", "label": "No", "consequence": "use plan F", "stops": True},
            ],
        },
    }
    run = rig.start(make_plan(decide, SCALE))
    prompt_of(run, p.ChoicePrompt)
    answer(run, c.Answer, value="maybe")
    answer(run, c.Answer, value="no")
    state = ended(run)
    assert (state.ended, state.ended_reason) == ("stopped_by_decision", "No: use plan F")
    assert not rig.port.mutations


def test_dry_run_shows_the_call_and_sends_nothing(rig):
    """A dry run would change something."""
    run = rig.start(make_plan(SCALE), mode="dry", typed="")
    assert prompt_of(run, CONFIRM).calls[0].operation == "UpdateService"
    answer(run, c.Confirm)
    assert ended(run).ended == "finished"
    assert not rig.port.mutations
    assert "intent" not in kinds(run)


def test_full_disk_sends_nothing(rig, monkeypatch):
    """A call would be sent whose intent is not on disk."""
    run = rig.start(make_plan(SCALE))
    prompt_of(run, CONFIRM)

    def full(_journal, entry):
        if entry.record.kind == "intent":
            raise JournalError("The disk is full.")

    monkeypatch.setattr("cockpit.engine.journal.Journal.append", full)
    answer(run, c.Confirm)
    assert run.wait(10)
    assert "disk is full" in run.stopped()
    assert not rig.port.mutations


RESTORE = {
    "id": "restore",
    "effect": "mutate",
    "aws": {
        "call": "dynamodb:RestoreTableToPointInTime",
        "params": {"SourceTableName": "{{ inputs.table }}", "TargetTableName": "Orders-restored"},
        "capture": {"arn": "answer.TableDescription.TableArn"},
        "reconcile": {
            "how": "name",
            "read": "dynamodb:DescribeTable",
            "params": {"TableName": "Orders-restored"},
            "absent": ["ResourceNotFoundException"],
            "done_when": "answer.Table.RestoreSummary.SourceTableArn == 'ours'",
            "capture": {"arn": "answer.Table.TableArn"},
        },
    },
}


@pytest.mark.parametrize(("source", "message"), [("ours", ""), ("theirs", "not ours")])
def test_target_that_exists_is_adopted_only_if_it_is_ours(rig, source, message):
    """A restore would be started twice, or somebody else's table be taken for the restored one."""
    rig.port.reads["dynamodb:DescribeTable"] = lambda _: {
        "Table": {"TableArn": "arn:t", "RestoreSummary": {"SourceTableArn": source}}
    }
    run = rig.start(make_plan(RESTORE))
    if message:
        assert message in prompt_of(run, TROUBLE).message
    else:
        assert ended(run).steps["restore"].captured == {"arn": "arn:t"}
    assert not rig.port.mutations


def test_absence_is_an_answer(rig):
    """A target that is not there yet would stop the restore."""

    def absent(_):
        raise ReadFailed(Fault(FaultKind.NOT_FOUND, "no such table", "", "ResourceNotFoundException"))

    rig.port.reads["dynamodb:DescribeTable"] = absent
    run = rig.start(make_plan(RESTORE))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    assert ended(run).ended == "finished"
    assert len(rig.port.mutations) == 1


def test_fault_of_the_cockpit_itself_is_trouble_of_one_step(rig):
    """A bug in one action would take the whole recovery down."""
    rig.port.reads["ecs:ListTasks"] = lambda _: 1 / 0
    run = rig.start(make_plan({"id": "look", "skippable": True, "aws": {"call": "ecs:ListTasks"}}, SCALE))
    trouble = prompt_of(run, TROUBLE)
    assert "ZeroDivisionError" in trouble.message
    answer(run, c.SolveTrouble, way="skip", reason="looked by hand")
    assert prompt_of(run, CONFIRM)


def test_token_of_an_uncertain_call_is_used_again(rig):
    """A repeated call would make a second change although the first had arrived after all."""
    start = {
        "id": "begin",
        "effect": "mutate",
        "aws": {"call": "cloudformation:CancelUpdateStack", "params": {"StackName": "shop"}},
    }
    rig.port.changes["cloudformation:CancelUpdateStack"] = lost()
    run = rig.start(make_plan(start))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    assert prompt_of(run, TROUBLE).outcome == "unknown"
    answer(run, c.SolveTrouble, way="not_happened", reason="no event on the stack")
    until(lambda: getattr(run.state().prompt, "outcome", "") == "failed")
    answer(run, c.SolveTrouble, way="retry")
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    until(lambda: len(rig.port.mutations) == 2)
    first, second = (params["ClientRequestToken"] for _, params in rig.port.mutations)
    assert first == second


def test_permit_is_for_exactly_this_call(rig):
    """The guard would be handed leave for more than the confirmed call."""
    run = rig.start(make_plan(SCALE))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    ended(run)
    permit = rig.port.permits[0]
    assert (permit.account, permit.region, permit.service, permit.operation, permit.step, permit.attempt) == (
        "123456789012",
        "us-east-1",
        "ecs",
        "UpdateService",
        "scale",
        1,
    )


@pytest.mark.alone
def test_overhead_of_a_step_stays_within_its_budget(rig):
    """Records on disk would make a recovery slow (budget: 10 ms for each step, DESIGN 11)."""
    count = 60
    look = {"call": "ecs:DescribeServices", "params": {"cluster": "{{ inputs.table }}"}}
    plan = make_plan(*({"id": f"look_{number}", "aws": look} for number in range(count)))
    began = time.monotonic()
    ended(rig.start(plan))
    assert (time.monotonic() - began) / count < 0.010
