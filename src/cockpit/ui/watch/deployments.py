"""The deployments pane."""

from datetime import datetime

from rich.text import Text

from cockpit.model.deployment import Deployment, DeploymentState
from cockpit.ui.base import CockpitScreen
from cockpit.ui.marks import DEPLOYMENT_MARKS
from cockpit.ui.session import CockpitSession
from cockpit.ui.table import Cells, Column
from cockpit.ui.theme import DIM, NOTE, PLAIN
from cockpit.ui.watch.spec import PaneSpec
from cockpit.ui.watch.view import WatchView
from cockpit.ui.words import coarse

BAD_ENDS = (DeploymentState.FAILED, DeploymentState.STOPPED)


def deployment_state(deployment: Deployment) -> Text:
    """Return the state by glyph and AWS's own word."""
    glyph, style = DEPLOYMENT_MARKS[deployment.state]
    word = deployment.raw_state if deployment.state is DeploymentState.UNKNOWN else deployment.state.value
    return Text(f"{glyph} {word or 'unknown'}", style)


def rollback_words(deployment: Deployment) -> str:
    """Return how a deployment is linked to a rollback; empty if it is not."""
    if deployment.rollback_of:
        return f"rolls back {deployment.rollback_of}"
    return f"rolled back by {deployment.rolled_back_by}" if deployment.rolled_back_by else ""


def traffic_words(deployment: Deployment) -> str:
    """Return the share of traffic on the new task set; a dash if AWS did not say."""
    for target in deployment.targets:
        for task_set in target.task_sets:
            if task_set.label.lower() == "green" and task_set.traffic_percent is not None:
                return f"new {task_set.traffic_percent:g} %"
    return "—"


def _cells(deployment: Deployment, now: datetime) -> Cells:
    name = Text(f"{deployment.application}/{deployment.group}", PLAIN if deployment.state.is_running else DIM)
    if words := rollback_words(deployment):
        name.append(f"  {words}", NOTE)
    age = None if deployment.created_at is None else now - deployment.created_at
    return (
        deployment_state(deployment),
        name,
        deployment.region,
        traffic_words(deployment),
        coarse(age),
        Text(deployment.revision, DIM),
        Text(deployment.deployment_id, DIM),
    )


def _summary(view: WatchView) -> str:
    running = sum(deployment.state.is_running for deployment in view.deployments)
    bad = sum(deployment.state in BAD_ENDS for deployment in view.deployments)
    words = [f"{running} running"]
    if bad:
        words.append(f"{bad} failed or stopped")
    words.append(f"{len(view.deployments)} in all")
    return ", ".join(words)


def _detail(session: CockpitSession, deployment: Deployment) -> CockpitScreen[None]:
    from cockpit.ui.details.deployment import DeploymentScreen  # noqa: PLC0415 - after the first paint

    return DeploymentScreen(session, deployment)


DEPLOYMENTS = PaneSpec[Deployment](
    name="DEPLOYMENTS",
    columns=(
        Column("state", 12),
        Column("application/group", share=2),
        Column("region", 14),
        Column("traffic", 9),
        Column("age", 11),
        Column("revision", from_width=110, share=1),
        Column("deployment", 12, from_width=100),
    ),
    cells=_cells,
    key=lambda deployment: f"{deployment.region} {deployment.deployment_id}",
    search=lambda d: f"{d.raw_state} {d.application}/{d.group} {d.region} {d.deployment_id} {d.revision}".lower(),
    items=lambda view: view.deployments,
    readings=lambda snapshot: snapshot.deployments,
    summary=_summary,
    detail=_detail,
    copied=lambda deployment: deployment.deployment_id,
    empty="no deployments in the watched time",
    rows=3,
)
