"""`cockpit plans iam`: a policy that is enough for a run, and not more than enough."""

import asyncio
import json

import boto3
import pytest
from click.testing import CliRunner
from small_plan import SMALL_PLAN

from cockpit.aws.gateway import Gateway
from cockpit.cli.main import main
from cockpit.config.paths import data_folder
from cockpit.engine.context import scope_context
from cockpit.engine.inputs import set_inputs
from cockpit.engine.preflight import PreflightSubject, check_probe
from cockpit.engine.preflight_permissions import check_permissions
from cockpit.model.scope import Scope
from cockpit.sim.process import start_simulator
from cockpit.sim.scenario import load_scenario
from support.place import toml
from support.rehearsal import read_answers

PLAN = "syncwell/plan-g-data-corruption"
SMALLER = "syncwell/plan-f-manual-backend-rollback"
ACCOUNT = "123456789012"
RESTORE = """
  - id: restore
    title: Restore it
    why: The data is bad.
    source: ["S0:1"]
    effect: mutate
    aws:
      call: dynamodb:RestoreTableToPointInTime
      params:
        SourceTableName: "{{ scope.names.shop.table }}"
        TargetTableName: "{{ scope.names.shop.table }}-{{ compact_utc(run.started_at) }}"
        SSESpecificationOverride: {Enabled: true, SSEType: KMS, KMSMasterKeyId: "{{ inputs.key }}"}
    verify: {read: s3:HeadObject, params: {Bucket: done, Key: restored}, until: answer.ETag}
"""
SHELL = """
  - id: reload
    title: Reload it
    why: It hangs.
    source: ["S0:1"]
    effect: mutate
    shell: {argv: [pm2, reload, shop], cwd: /srv, timeout: PT1M}
"""


def variant(steps):
    """Return the small plan without preflight, with other steps."""
    head, _, _ = SMALL_PLAN.partition("preflight:")
    return f"{head}communications: {{texts: []}}\nsteps:{steps}".replace("service: {title", "key: {title")


@pytest.fixture
def iam(tmp_path):
    """Run the command on a plan's text or id; return exit code, policy and what is said on standard error."""
    (tmp_path / "cockpit.toml").write_text(
        f'[environments.drill]\nkind = "drill"\naccount = "{ACCOUNT}"\nregions = ["eu-west-1"]\n'
        'names = {shop = {cluster = "tills", table = "Orders"}}\n'
    )

    def run(plan, *words, config=tmp_path / "cockpit.toml"):
        if "\n" in plan:
            (tmp_path / "shop").mkdir(exist_ok=True)
            (tmp_path / "shop" / "restart.yaml").write_text(plan)
            plan = str(tmp_path / "shop" / "restart.yaml")
        result = CliRunner().invoke(
            main, ["plans", "iam", plan, *words, *(("--config", str(config)) if config else ())]
        )
        return result.exit_code, json.loads(result.stdout) if result.stdout else {}, result.stderr

    return run


def allowed(policy, action):
    """Return the resources on which an action is allowed."""
    return [arn for each in policy["Statement"] if action in each["Action"] for arn in each["Resource"]]


def test_reads_and_changes_are_allowed_on_the_configured_resources_only(iam):
    """A policy on everything is no least privilege; one without the reads cannot prove anything."""
    code, policy, said = iam(SMALL_PLAN, "--input", "service=web")
    arn = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:service/tills/"
    assert code == 0
    assert allowed(policy, "ecs:UpdateService") == [f"{arn}web"]
    assert allowed(policy, "ecs:DescribeServices") == [f"{arn}*"], "what the first step captures is not known before"
    assert {action for each in policy["Statement"] for action in each["Action"]} == {
        "ecs:UpdateService",
        "ecs:DescribeServices",
        "iam:GetRole",
        "iam:SimulatePrincipalPolicy",
    }
    assert "With * for names that only the run or AWS gives: ecs:DescribeServices" in said


def test_a_restore_gets_what_it_does_in_the_callers_name(iam):
    """DynamoDB refuses a restore whose caller may not write the new table or use its key."""
    code, policy, _ = iam(variant(RESTORE), "--input", "key=arn:aws:kms:eu-west-1:123456789012:key/k1")
    assert code == 0
    table = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/Orders"
    assert allowed(policy, "dynamodb:RestoreTableToPointInTime") == [table, f"{table}-*"]
    assert allowed(policy, "dynamodb:BatchWriteItem") == [f"{table}-*"]
    assert allowed(policy, "s3:GetObject") == ["arn:aws:s3:::done/restored"], "HeadObject has no action of its own"
    (grant,) = [each for each in policy["Statement"] if "kms:CreateGrant" in each["Action"]]
    assert grant["Resource"] == ["arn:aws:kms:eu-west-1:123456789012:key/k1"]
    assert grant["Condition"] == {"StringLike": {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}}


def test_a_plan_of_programs_needs_nothing_of_aws(iam):
    """An empty policy is one that IAM refuses; a silent one would look like a mistake."""
    code, policy, said = iam(variant(SHELL))
    assert code == 0
    assert [each["Action"] for each in policy["Statement"]] == [["sts:GetCallerIdentity"]]
    assert "shop/restart calls nothing of AWS but sts:GetCallerIdentity" in said
    assert "shop/restart runs pm2: what they call of AWS is not in this policy." in said


def test_the_same_plans_give_the_same_policy(iam):
    """Somebody compares policies with a diff."""
    one, other = (str(data_folder("plans") / f"{name}.yaml") for name in (PLAN, SMALLER))
    assert iam(one, other)[1] == iam(other, one)[1]


def test_without_a_configuration_account_and_region_stand_open(iam, monkeypatch, tmp_path):
    """The policy is wanted before there is an account."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cockpit.toml").unlink()
    monkeypatch.delenv("COCKPIT_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    code, policy, said = iam(SMALL_PLAN, config=None)
    assert (code, allowed(policy, "ecs:UpdateService")) == (0, ["arn:aws:ecs:*:*:service/*/web"])
    assert "No account is configured" in said


@pytest.mark.parametrize(
    ("words", "said"), [(("--input", "nope=1"), "There is no input nope."), (("nowhere",), "There is no plan nowhere.")]
)
def test_bad_input_ends_with_2(iam, words, said):
    """A mistyped name would give a policy for something else."""
    code, policy, error = iam(PLAN, *words)
    assert (code, policy) == (2, {})
    assert said in error


@pytest.mark.simulator
def test_the_policy_is_enough_and_nothing_in_it_can_be_spared(iam, monkeypatch, tmp_path):
    """Whoever gets this policy would be refused in the middle of the plan, or could do what no step needs."""
    environment = load_scenario("syncwell-corruption").environment
    file = tmp_path / "sim.toml"
    file.write_text(
        f'[environments.drill]\nkind = "drill"\naccount = "{environment.account}"\n'
        f"regions = {toml(list(environment.regions))}\nnames = {toml(environment.names)}\n"
    )
    with start_simulator("syncwell-corruption", speed=1) as simulator:
        for name, value in simulator.environ.items():
            monkeypatch.setenv(name, value)
        boto3.client("iam").create_user(UserName="oncall")
        whole, _ = asyncio.run(_checks(PLAN, simulator, environment, iam(PLAN, config=file)[1], ()))
        assert whole == [True, True, True]
        policy = iam(SMALLER, config=file)[1]
        actions = sorted({action for each in policy["Statement"] for action in each["Action"]})
        whole, lacking = asyncio.run(_checks(SMALLER, simulator, environment, policy, actions))
    assert whole == [True, True, True]
    spared = [name for name, found in zip(actions, lacking, strict=True) if set(found) == {True}]
    assert spared == ["iam:GetRole", "iam:SimulatePrincipalPolicy"], "the simulated AWS itself asks for no permission"


async def _checks(name, simulator, environment, policy, actions):
    """Return what the checks of permissions say to somebody with that policy, then without one action after another."""
    plan, _ = read_answers(name)
    caller = f"arn:aws:iam::{environment.account}:user/oncall"
    scope = Scope("drill", environment.kind, environment.account, environment.regions[0], caller)
    inputs = {each.name: each.value for each in set_inputs(plan, "drill", environment, scope.region, {})}
    context = {"inputs": inputs, "scope": scope_context(scope, dict(environment.names)), "preflight": {}}
    users, port = boto3.client("iam"), Gateway(None, simulator.clock, account=environment.account)

    async def verdict(document):
        users.put_user_policy(UserName="oncall", PolicyName="p", PolicyDocument=json.dumps(document))
        return [check.ok for check in await check_permissions(plan, scope, port, context)]

    try:
        subject = PreflightSubject(plan, scope, port, lambda: context, environment.account)
        for probe in plan.preflight:
            checked = await check_probe(subject, probe)
            context["preflight"][probe.id] = dict(checked.captured)
        return await verdict(policy), [await verdict(without(policy, action)) for action in actions]
    finally:
        await port.close()


def without(policy, action):
    """Return the policy without one action."""
    kept = [{**each, "Action": [name for name in each["Action"] if name != action]} for each in policy["Statement"]]
    return {**policy, "Statement": [each for each in kept if each["Action"]]}
