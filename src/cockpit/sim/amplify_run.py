"""What Amplify's jobs and domains do in time."""

from collections.abc import Callable

from cockpit.sim.amplify_model import AmplifyModel, App, Branch, Domain, Job
from cockpit.sim.errors import AwsError
from cockpit.sim.story import Story, tell

QUEUE_SECONDS = 5.0
PROVISION_SECONDS = 25.0
BUILD_SECONDS = 150.0
DEPLOY_SECONDS = 20.0
DOMAIN_SECONDS = 300.0

Deployed = Callable[[App, Branch, Job], None]


class Runner:
    """Runs jobs, one at a time for each branch, in the order in which they were started.

    Attributes:
        on_deployed: called when a job's result begins to be served.
    """

    def __init__(self, model: AmplifyModel) -> None:
        self._world = model.world
        self._ends: dict[Job, Callable[[], None]] = {}
        self.on_deployed: list[Deployed] = []

    def start(self, app: App, branch: Branch, job: Job) -> None:
        """Let a new job run, behind those of its branch that are open."""
        branch.jobs.append(job)
        self._ends[job] = tell(self._world, self._run(app, branch, job))

    def stop(self, branch: Branch, job: Job) -> None:
        """Cancel a job.

        Raises:
            AwsError: it has ended.
        """
        if not job.is_open:
            raise AwsError("BadRequestException", f"Job {job.number} of {branch.name} is {job.status}.")
        self._ends.pop(job)()
        job.status, job.end = "CANCELLED", self._world.now()
        self._end_step(job, "CANCELLED")

    def settle(self, domain: Domain, status: str) -> None:
        """Let a changed domain become available after a while."""

        def story() -> Story:
            domain.status = status
            yield DOMAIN_SECONDS
            domain.status = "AVAILABLE"

        tell(self._world, story())

    def _run(self, app: App, branch: Branch, job: Job) -> Story:
        yield QUEUE_SECONDS
        while any(other.is_open for other in branch.jobs[: branch.jobs.index(job)]):
            yield QUEUE_SECONDS
        job.status = "PROVISIONING"
        yield PROVISION_SECONDS
        job.status = "RUNNING"
        # From here on the build has its variables; what is changed later is seen by the next build only (E-35).
        job.environment = {**app.environment, **branch.environment}
        for name, seconds in (("BUILD", BUILD_SECONDS), ("DEPLOY", DEPLOY_SECONDS)):
            job.steps.append((name, self._world.now(), None, "RUNNING"))
            yield seconds
            self._end_step(job, "SUCCEED")
        job.status, job.end = "SUCCEED", self._world.now()
        branch.live = job
        for listener in self.on_deployed:
            listener(app, branch, job)

    def _end_step(self, job: Job, status: str) -> None:
        if job.steps and job.steps[-1][2] is None:
            name, start, _, _ = job.steps[-1]
            job.steps[-1] = name, start, self._world.now(), status
