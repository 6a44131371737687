"""Every state a stack can be in: which way back the plan offers, and where it refuses to begin."""

from itertools import chain

import boto3
import pytest
from botocore.session import get_session

from cockpit.config.paths import data_folder
from cockpit.engine.errors import StartRefused
from cockpit.plans.catalogue import load_plan
from cockpit.plans.expressions import evaluate, resolve_condition
from cockpit.sim.process import start_simulator
from support.rehearsal import Rehearsal

PLAN = "propie/infrastructure-rollback"
STACK = "prop-ie-production-appsync-stack"
WAYS = {
    "roll_back": {"UPDATE_FAILED"},
    "cancel": {"UPDATE_IN_PROGRESS"},
    "continue": {"UPDATE_ROLLBACK_FAILED"},
    "previous": {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    },
}
STATUSES = get_session().get_service_model("cloudformation").shape_for("StackStatus").enum
ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/x/1"


@pytest.fixture(scope="module")
def plan():
    return load_plan(data_folder("plans") / f"{PLAN}.yaml")


def is_refused(plan, status, whole):
    """Tell whether the preflight refuses a stack with this status, that was whole before or never was."""
    before = [{"StackId": ID, "PhysicalResourceId": ID, "ResourceStatus": "UPDATE_COMPLETE", "Timestamp": "then"}]
    answers = {
        "cloudformation:DescribeStacks": {"Stacks": [{"StackId": ID, "StackStatus": status}]},
        "cloudformation:DescribeStackEvents": {"StackEvents": before if whole else []},
    }
    context = {"preflight": {"stack": {"status": status, "id": ID}}}
    return not all(
        resolve_condition(check.expect, {**context, "answer": answers[check.read]}) for check in plan.preflight
    )


def offered(plan, status, **inputs):
    among = plan.step("way").action.among
    context = {
        "steps": {"state": {"status": status, "id": ID}},
        "preflight": {"stack": {"id": ID}},
        "inputs": {"template_bucket": "b", "template_key": "t", "parameters_key": "p", **inputs},
    }
    found = evaluate(among.items, context)
    return {item["way"] for item in found if not resolve_condition(among.refuse_when, {**context, "item": item})}


@pytest.mark.parametrize("status", STATUSES)
def test_each_state_has_its_one_way_or_none(plan, status):
    """RQ-19: a way that CloudFormation refuses, or that destroys, must not even be offered."""
    assert offered(plan, status) == {way for way, states in WAYS.items() if status in states}


@pytest.mark.parametrize("status", STATUSES)
def test_the_preflight_refuses_every_state_without_a_way(plan, status):
    """A run that begins in a state without a way would end in a question without an answer."""
    has_way = status in set(chain.from_iterable(WAYS.values()))
    # A failed creation with a stable state before it is no state that CloudFormation has; only the history is asked.
    assert is_refused(plan, status, whole=True) == (not has_way and status != "CREATE_FAILED")


@pytest.mark.parametrize("status", ["CREATE_FAILED", "UPDATE_FAILED"])
def test_a_failed_stack_that_never_was_whole_is_refused(plan, status):
    """E-33: here the documented command deletes the stack."""
    assert is_refused(plan, status, whole=False)


def test_a_stack_made_anew_since_the_preflight_has_no_way(plan):
    """The name alone does not say that it is the same stack."""
    among = plan.step("way").action.among
    context = {
        "steps": {"state": {"status": "UPDATE_FAILED", "id": "another"}},
        "preflight": {"stack": {"id": ID}},
        "inputs": {},
    }
    items = evaluate(among.items, context)
    assert all(resolve_condition(among.refuse_when, {**context, "item": item}) for item in items)


def test_without_a_kept_template_an_update_cannot_be_taken_back(plan):
    """E-34: nothing is made up where no earlier template is known."""
    assert offered(plan, "UPDATE_COMPLETE", template_key=None) == set()


@pytest.fixture(scope="module")
def never_whole():
    """One world in which the stack's creation failed; the tests change nothing in it."""
    patch = pytest.MonkeyPatch()
    with start_simulator("propie-stack-never-whole", speed=60) as simulator:
        for name, value in simulator.environ.items():
            patch.setenv(name, value)
        yield simulator
    patch.undo()


def refused(simulator, folder, **inputs):
    """Run until the preflight refuses; return what it says."""
    rehearsal = Rehearsal(simulator, PLAN, folder, inputs=inputs)
    state = rehearsal.finish()
    assert state.ended == "refused"
    assert not any(step.calls for step in state.steps.values())
    return " ".join(rehearsal.operator.troubles)


@pytest.mark.simulator
def test_e33_a_stack_that_never_was_whole_is_left_alone(never_whole, tmp_path):
    """E-33: the plan refuses before anything changes, with the reason; the stack and its API live on."""
    assert "would DELETE the stack" in refused(never_whole, tmp_path)
    found = boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    assert found["StackStatus"] == "CREATE_FAILED"
    assert never_whole.get_json("/_cockpit/truth/application")["api"] == "prop-ie-production-data"
    assert "cloudformation:RollbackStack" not in never_whole.get_json("/_cockpit/calls")["counts"]


@pytest.mark.simulator
def test_e77_a_name_with_a_hole_in_it_is_no_stack(never_whole, tmp_path):
    """E-77: what an unset ENVIRONMENT makes of the name is refused; an empty name does not even start."""
    assert "There is no stack of that name" in refused(never_whole, tmp_path, stack="prop-ie--appsync-stack")
    with pytest.raises(StartRefused, match="stack"):
        Rehearsal(never_whole, PLAN, tmp_path, inputs={"stack": ""})


@pytest.mark.simulator
def test_a_stack_under_review_is_refused(never_whole, tmp_path):
    """A stack that is only reviewed has nothing to go back to."""
    boto3.client("cloudformation").create_change_set(
        StackName="planned",
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody="Resources: {Sign: {Type: 'AWS::CloudFormation::WaitConditionHandle'}}",
    )
    assert "under review" in refused(never_whole, tmp_path, stack="planned")


def test_e73_nobody_is_sent_to_a_placeholder(plan):
    """E-73: the source's contacts are TBD and XXX; the plan asks who was told instead of naming them."""
    step = plan.step("tell")
    assert step.action.kind == "notify"
    assert not {"TBD", "XXX"} & set(f"{step.action.to} {step.action.text}".replace("-", " ").split())
