"""The services that are simulated beyond what moto does by itself: one line each.

Each module has `install(simulation: Simulation) -> None`, which adds its operations to moto's response classes
(`operations.add_operations`) and puts into the simulation what other services need of it. Order matters only in that
a module may rely on what earlier ones put in place.
"""

from importlib import import_module

from cockpit.sim.simulation import Simulation

SERVICES: tuple[str, ...] = (
    "cockpit.sim.cloudwatch_api",
    "cockpit.sim.dynamodb_api",
    "cockpit.sim.logs_api",
    "cockpit.sim.ecs_api",
    "cockpit.sim.lambda_api",
    "cockpit.sim.apigateway_api",
    "cockpit.sim.secrets_api",
    "cockpit.sim.codedeploy_api",
    "cockpit.sim.autoscaling_api",
    "cockpit.sim.appconfig_api",
    "cockpit.sim.identity_api",
    "cockpit.sim.appsync_api",
    "cockpit.sim.amplify_api",
    "cockpit.sim.cloudformation_api",
    "cockpit.sim.backup_api",
    "cockpit.sim.elbv2_api",
    "cockpit.sim.route53_api",
    "cockpit.sim.quotas_api",
    "cockpit.sim.rds_api",
    "cockpit.sim.cloudfront_api",
)


def install_all(simulation: Simulation) -> None:
    """Install every simulated service."""
    for name in SERVICES:
        import_module(name).install(simulation)
