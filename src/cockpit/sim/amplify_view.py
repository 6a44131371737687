"""Amplify's things as botocore's output shapes want them."""

from typing import Any

from cockpit.sim.amplify_model import App, Branch, Domain, Job
from cockpit.sim.whole_service import given, only


def app_view(app: App) -> dict[str, Any]:
    """Return an app."""
    params = app.params
    return {
        "appId": app.app_id,
        "appArn": app.arn,
        "name": params["name"],
        "description": params.get("description", ""),
        "repository": params.get("repository", ""),
        "platform": params.get("platform", "WEB"),
        "createTime": app.created_at,
        "updateTime": app.updated_at,
        "environmentVariables": app.environment,
        "defaultDomain": f"{app.app_id}.amplifyapp.com",
        "enableBranchAutoBuild": bool(params.get("enableBranchAutoBuild")),
        "enableBasicAuth": bool(params.get("enableBasicAuth")),
        **only(params, "computeRoleArn", "iamServiceRoleArn", "customRules", "buildSpec", "tags"),
        **_production(app),
    }


def _production(app: App) -> dict[str, Any]:
    for branch in app.branches.values():
        if branch.params.get("stage") == "PRODUCTION" and branch.live is not None:
            members = {"lastDeployTime": branch.live.end, "status": branch.live.status, "branchName": branch.name}
            return {"productionBranch": members}
    return {}


def branch_view(app: App, branch: Branch) -> dict[str, Any]:
    """Return a branch. Its `activeJobId` is the job whose result is served."""
    params = branch.params
    return {
        "branchArn": f"{app.arn}/branches/{branch.name}",
        "branchName": branch.name,
        "description": params.get("description", ""),
        "stage": params.get("stage", "PRODUCTION"),
        "displayName": params.get("displayName", branch.name),
        "enableNotification": bool(params.get("enableNotification")),
        "createTime": branch.created_at,
        "updateTime": branch.updated_at,
        "environmentVariables": branch.environment,
        "enableAutoBuild": bool(params.get("enableAutoBuild", True)),
        "customDomains": [],
        "framework": params.get("framework", ""),
        "activeJobId": str(branch.live.number) if branch.live else "",
        "totalNumberOfJobs": str(len(branch.jobs)),
        "enableBasicAuth": bool(params.get("enableBasicAuth")),
        "ttl": params.get("ttl", "5"),
        "enablePullRequestPreview": bool(params.get("enablePullRequestPreview")),
        **only(params, "computeRoleArn", "buildSpec", "tags"),
    }


def job_summary(app: App, branch: Branch, job: Job) -> dict[str, Any]:
    """Return a job as ListJobs shows it. Amplify does not tell why a job was started."""
    return {
        "jobArn": f"{app.arn}/branches/{branch.name}/jobs/{job.number:010}",
        "jobId": str(job.number),
        "commitId": job.commit.commit_id,
        "commitMessage": job.commit.message,
        "commitTime": job.commit.time,
        "startTime": job.start,
        "status": job.status,
        "jobType": job.kind,
        **given({"endTime": job.end}),
    }


def job_view(app: App, branch: Branch, job: Job) -> dict[str, Any]:
    """Return a job with its steps; one that goes on has no end in AWS either, though the shape demands the member."""
    steps = [
        {"stepName": name, "startTime": start, "endTime": end or start, "status": status}
        for name, start, end, status in job.steps
    ]
    return {"summary": job_summary(app, branch, job), "steps": steps}


def domain_view(app: App, domain: Domain) -> dict[str, Any]:
    """Return a domain association."""
    settings = domain.params.get("subDomainSettings", [])
    return {
        "domainAssociationArn": f"{app.arn}/domains/{domain.name}",
        "domainName": domain.name,
        "enableAutoSubDomain": bool(domain.params.get("enableAutoSubDomain")),
        "domainStatus": domain.status,
        "statusReason": "",
        "subDomains": [
            {
                "subDomainSetting": setting,
                "verified": domain.status == "AVAILABLE",
                "dnsRecord": f"{setting.get('prefix', '')} CNAME d111111abcdef8.cloudfront.net",
            }
            for setting in settings
        ],
    }
