"""AppConfig's things as botocore's output shapes want them."""

from typing import Any

from cockpit.sim.appconfig_model import Application, Deployment, Environment, Profile, Strategy, Version
from cockpit.sim.whole_service import given, only


def application_view(application: Application) -> dict[str, Any]:
    """Return an application."""
    members = {"Id": application.application_id, "Name": application.name}
    return {**members, **given({"Description": application.description or None})}


def environment_view(application: Application, environment: Environment) -> dict[str, Any]:
    """Return an environment with its monitors."""
    return {
        "ApplicationId": application.application_id,
        "Id": environment.environment_id,
        "Name": environment.name,
        "State": environment.state,
        "Monitors": environment.params.get("Monitors", []),
        **only(environment.params, "Description"),
    }


def profile_view(application: Application, profile: Profile, *, short: bool = False) -> dict[str, Any]:
    """Return a profile; the short form is the one of ListConfigurationProfiles."""
    validators = profile.params.get("Validators", [])
    members = {
        "ApplicationId": application.application_id,
        "Id": profile.profile_id,
        "Name": profile.name,
        "Type": profile.params.get("Type", "AWS.Freeform"),
        **only(profile.params, "LocationUri"),
    }
    if short:
        return {**members, "ValidatorTypes": [validator["Type"] for validator in validators]}
    return {**members, "Validators": validators, **only(profile.params, "Description", "RetrievalRoleArn")}


def version_view(application: Application, profile: Profile, version: Version, *, content: bool) -> dict[str, Any]:
    """Return a hosted configuration version, with or without its content."""
    return {
        "ApplicationId": application.application_id,
        "ConfigurationProfileId": profile.profile_id,
        "VersionNumber": version.number,
        "ContentType": version.content_type,
        **given(
            {
                "Description": version.description or None,
                "VersionLabel": version.label or None,
                "Content": version.content if content else None,
            }
        ),
    }


def strategy_view(strategy: Strategy) -> dict[str, Any]:
    """Return a deployment strategy."""
    return {
        "Id": strategy.strategy_id,
        "Name": strategy.name,
        "Description": strategy.description,
        "ReplicateTo": strategy.replicate_to,
        **_growth(strategy),
    }


def _growth(strategy: Strategy) -> dict[str, Any]:
    return {
        "DeploymentDurationInMinutes": strategy.duration,
        "GrowthType": strategy.growth_type,
        "GrowthFactor": strategy.growth,
        "FinalBakeTimeInMinutes": strategy.bake,
    }


def deployment_summary(deployment: Deployment) -> dict[str, Any]:
    """Return a deployment as ListDeployments shows it."""
    return {
        "DeploymentNumber": deployment.number,
        "ConfigurationProfileId": deployment.profile.profile_id,
        "ConfigurationName": deployment.profile.name,
        "ConfigurationVersion": str(deployment.version.number),
        "State": deployment.state,
        "PercentageComplete": deployment.percent,
        "StartedAt": deployment.started_at,
        "Type": "USER",
        **_growth(deployment.strategy),
        **given({"CompletedAt": deployment.completed_at, "VersionLabel": deployment.version.label or None}),
    }


def deployment_view(application: Application, environment: Environment, deployment: Deployment) -> dict[str, Any]:
    """Return a deployment as GetDeployment shows it."""
    summary = deployment_summary(deployment)
    del summary["Type"]
    return {
        "ApplicationId": application.application_id,
        "EnvironmentId": environment.environment_id,
        "DeploymentStrategyId": deployment.strategy.strategy_id,
        "ConfigurationLocationUri": deployment.profile.params.get("LocationUri", "hosted"),
        "AppliedExtensions": [],
        **summary,
        **given({"Description": deployment.description or None}),
        "EventLog": [
            {"EventType": kind, "TriggeredBy": by, "Description": words, "ActionInvocations": [], "OccurredAt": at}
            for at, kind, by, words in deployment.events
        ],
    }
