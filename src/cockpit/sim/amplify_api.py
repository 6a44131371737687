"""Amplify's operations for apps that are connected to a repository: builds, variables, domains."""

from typing import Any

from cockpit.sim.amplify_model import AmplifyModel, App, Branch, Commit, Domain, Job
from cockpit.sim.amplify_run import Runner
from cockpit.sim.amplify_view import app_view, branch_view, domain_view, job_summary, job_view
from cockpit.sim.errors import AwsError, NotSimulated
from cockpit.sim.operations import Handler, Request
from cockpit.sim.own_services import serve
from cockpit.sim.simulation import Simulation
from cockpit.sim.whole_service import as_utc, page, response_class

PAGE = 50


def install(simulation: Simulation) -> None:
    """Add Amplify, which moto does not have."""
    model = AmplifyModel(simulation.world)
    runner = Runner(model)
    simulation.parts[AmplifyModel] = model
    simulation.parts[Runner] = runner
    serve("amplify", response_class("amplify", AmplifyApi(model, runner).handlers()))


class AmplifyApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: AmplifyModel, runner: Runner) -> None:
        self._model = model
        self._runner = runner

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateApp": self.create_app,
            "GetApp": self.get_app,
            "ListApps": self.list_apps,
            "UpdateApp": self.update_app,
            "CreateBranch": self.create_branch,
            "GetBranch": self.get_branch,
            "ListBranches": self.list_branches,
            "UpdateBranch": self.update_branch,
            "StartJob": self.start_job,
            "StopJob": self.stop_job,
            "GetJob": self.get_job,
            "ListJobs": self.list_jobs,
            "CreateDeployment": self.refuse_deployment,
            "StartDeployment": self.refuse_deployment,
            "CreateDomainAssociation": self.create_domain,
            "GetDomainAssociation": self.get_domain,
            "ListDomainAssociations": self.list_domains,
            "UpdateDomainAssociation": self.update_domain,
        }

    def create_app(self, request: Request) -> dict[str, Any]:
        """Create an app."""
        return {"app": app_view(self._model.create(request.region, dict(request.params)))}

    def get_app(self, request: Request) -> dict[str, Any]:
        """Describe an app."""
        return {"app": app_view(self._app(request))}

    def list_apps(self, request: Request) -> dict[str, Any]:
        """List the region's apps."""
        here = [app_view(app) for (region, _), app in self._model.apps.items() if region == request.region]
        return _paged("apps", here, request)

    def update_app(self, request: Request) -> dict[str, Any]:
        """Change the members that are given; a map of variables replaces the whole map (E-35)."""
        app = self._app(request)
        app.params.update({name: value for name, value in request.params.items() if name != "appId"})
        app.updated_at = self._model.world.now()
        return {"app": app_view(app)}

    def create_branch(self, request: Request) -> dict[str, Any]:
        """Create a branch."""
        app, name, now = self._app(request), request.params["branchName"], self._model.world.now()
        if name in app.branches:
            raise AwsError("BadRequestException", f"A branch already exists with the name {name}.")
        app.branches[name] = Branch(name, dict(request.params), now, now)
        return {"branch": branch_view(app, app.branches[name])}

    def get_branch(self, request: Request) -> dict[str, Any]:
        """Describe a branch."""
        return {"branch": branch_view(*self._branch(request))}

    def list_branches(self, request: Request) -> dict[str, Any]:
        """List an app's branches."""
        app = self._app(request)
        return _paged("branches", [branch_view(app, branch) for branch in app.branches.values()], request)

    def update_branch(self, request: Request) -> dict[str, Any]:
        """Change the members that are given; a map of variables replaces the whole map. Nothing is built."""
        app, branch = self._branch(request)
        kept = {name: value for name, value in request.params.items() if name not in ("appId", "branchName")}
        branch.params.update(kept)
        branch.updated_at = self._model.world.now()
        return {"branch": branch_view(app, branch)}

    def start_job(self, request: Request) -> dict[str, Any]:
        """Start a build: of the branch's latest commit, or of an old job's commit once more."""
        app, branch = self._branch(request)
        kind = request.params["jobType"]
        if kind == "MANUAL":
            raise NotSimulated("jobs of apps that are deployed by hand")
        if not app.is_connected:
            raise AwsError("BadRequestException", "Operation not supported. App is not connected to a repository.")
        commit = self._retried(branch, request) if kind == "RETRY" else self._latest(branch, request)
        job = Job(len(branch.jobs) + 1, kind, commit, self._model.world.now())
        self._runner.start(app, branch, job)
        return {"jobSummary": job_summary(app, branch, job)}

    def stop_job(self, request: Request) -> dict[str, Any]:
        """Cancel a job."""
        app, branch = self._branch(request)
        job = branch.job(request.params["jobId"])
        self._runner.stop(branch, job)
        return {"jobSummary": job_summary(app, branch, job)}

    def get_job(self, request: Request) -> dict[str, Any]:
        """Describe a job with its steps."""
        app, branch = self._branch(request)
        return {"job": job_view(app, branch, branch.job(request.params["jobId"]))}

    def list_jobs(self, request: Request) -> dict[str, Any]:
        """List a branch's jobs, newest first."""
        app, branch = self._branch(request)
        return _paged("jobSummaries", [job_summary(app, branch, job) for job in reversed(branch.jobs)], request)

    def refuse_deployment(self, request: Request) -> dict[str, Any]:
        """Refuse what is only for apps without a repository (E-27)."""
        app, _ = self._branch(request)
        if app.is_connected:
            words = "Operation not supported. App is already connected to a repository."
            raise AwsError("BadRequestException", words)
        raise NotSimulated("apps that are deployed by hand")

    def create_domain(self, request: Request) -> dict[str, Any]:
        """Associate a domain."""
        app, params = self._app(request), dict(request.params)
        if params["domainName"] in app.domains:
            raise AwsError("BadRequestException", f"The domain {params['domainName']} is already associated.")
        domain = Domain(params["domainName"], params)
        app.domains[domain.name] = domain
        self._runner.settle(domain, "CREATING")
        return {"domainAssociation": domain_view(app, domain)}

    def get_domain(self, request: Request) -> dict[str, Any]:
        """Describe a domain association."""
        app = self._app(request)
        return {"domainAssociation": domain_view(app, app.domain(request.params["domainName"]))}

    def list_domains(self, request: Request) -> dict[str, Any]:
        """List an app's domain associations."""
        app = self._app(request)
        return _paged("domainAssociations", [domain_view(app, each) for each in app.domains.values()], request)

    def update_domain(self, request: Request) -> dict[str, Any]:
        """Change a domain; the sub-domains that are given replace all there are (E-30)."""
        app = self._app(request)
        domain = app.domain(request.params["domainName"])
        if domain.status != "AVAILABLE":
            raise AwsError("BadRequestException", f"The domain {domain.name} is {domain.status} and cannot be changed.")
        domain.params.update(request.params)
        self._runner.settle(domain, "UPDATING")
        return {"domainAssociation": domain_view(app, domain)}

    def _app(self, request: Request) -> App:
        return self._model.app(request.region, request.params["appId"])

    def _branch(self, request: Request) -> tuple[App, Branch]:
        app = self._app(request)
        return app, app.branch(request.params["branchName"])

    def _retried(self, branch: Branch, request: Request) -> Commit:
        job_id = request.params.get("jobId")
        if not job_id:
            raise AwsError("BadRequestException", "A job id is required to retry a job.")
        return branch.job(job_id).commit

    def _latest(self, branch: Branch, request: Request) -> Commit:
        """Return the commit that a call names (as a push to the repository does), else the newest that was built."""
        params, now = request.params, self._model.world.now()
        if params.get("commitId"):
            time = as_utc(params.get("commitTime")) or now
            return Commit(params["commitId"], params.get("commitMessage", ""), time)
        pushed = [job.commit for job in branch.jobs if job.kind != "RETRY"]
        return pushed[-1] if pushed else Commit("HEAD", "", now)


def _paged(member: str, items: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    size = min(int(request.params.get("maxResults") or PAGE), PAGE)
    shown, token = page(items, request.params.get("nextToken"), size, "BadRequestException")
    return {member: shown, **({"nextToken": token} if token else {})}
