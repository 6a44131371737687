"""What programs that plans run in a demo can reach."""

from types import SimpleNamespace

from cockpit.cli.demo import _with_programs_at
from cockpit.config.schema import Environment, Host
from cockpit.model.scope import EnvironmentKind


def test_programs_of_a_demo_reach_the_simulated_aws_only():
    """A demo's `terraform apply` would act on the operator's own account."""
    hosts = {"app": Host(destination="deploy@app"), "tools": Host(env={"PATH": "/tools"})}
    environment = Environment(kind=EnvironmentKind.DEMO, regions=("us-west-2",), hosts=hosts)
    simulator = SimpleNamespace(environ={"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "simulated"})
    led = _with_programs_at(environment, simulator).hosts
    assert led["local"].env == simulator.environ
    assert led["tools"].env == {**simulator.environ, "PATH": "/tools"}
    assert led["app"].env == {}
