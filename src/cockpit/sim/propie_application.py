"""PropIE: agents who edit properties through AppSync, visitors who book viewings on the site that Amplify serves.

Two ways lead to the table: the API's data source says where agents' edits go, and the site writes to the table whose
name its build saw. Nothing in here is told to the cockpit: it sees metrics, log lines, alarms and items.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from cockpit.sim.amplify_model import AmplifyModel, App, Branch, Job
from cockpit.sim.appsync_path import DataPath
from cockpit.sim.errors import AwsError
from cockpit.sim.item_history import Item
from cockpit.sim.log_writer import LogWriter
from cockpit.sim.propie_listings import Listings, changed, price_of
from cockpit.sim.propie_spec import PropieSpec
from cockpit.sim.roles import why_not
from cockpit.sim.simulation import ACCOUNT, Simulation
from cockpit.sim.tables import TableRecord, Tables

MINUTE = timedelta(minutes=1)
EDITED_BY = "updateProperty"  # the mutation that agents' edits use
COMPLAINT_SHARE = 0.5  # of agents whose price was cleared who complain
COMPLAINT_AFTER = (4 * 60, 18 * 60)  # seconds


@dataclass(frozen=True, slots=True)
class Names:
    """Names of PropIE's resources, as the environment's ``names.propie`` has them."""

    table: str
    table_variable: str
    api: str
    app_id: str
    branch: str
    log_group: str
    namespace: str
    metric: str

    @staticmethod
    def read(names: Mapping[str, JsonValue]) -> "Names":
        """Take the names out of the environment; what is missing has PropIE's usual name."""
        usual = {
            "table": "prop-ie-production-data",
            "table_variable": "DATA_TABLE_NAME",
            "api": "prop-ie-production-api",
            "app_id": "",
            "branch": "production",
            "log_group": "/aws/amplify/prop-ie",
            "writes_namespace": "PropIE",
            "writes_metric": "ItemWrites",
        }
        return Names(*(str(names.get(key, name)) for key, name in usual.items()))


class Propie:
    """The application as a whole."""

    def __init__(
        self, simulation: Simulation, spec: PropieSpec, names: Mapping[str, JsonValue], opening: datetime
    ) -> None:
        self._simulation, self._world, self._spec = simulation, simulation.world, spec
        self._names = Names.read(names)
        self._listings = Listings(spec.properties, names.get("known_good_properties"), self._world.random("listings"))
        self._tables: Tables = simulation.parts[Tables]
        self._path: DataPath = simulation.parts[DataPath]
        self._amplify: AmplifyModel = simulation.parts[AmplifyModel]
        self._chance = self._world.random("propie")
        self._log_writer = LogWriter(self._world)
        self._complained: dict[str, datetime] = {}
        self._wrong = 0.0
        simulation.truth["truth/application"] = self._truth
        self._world.at(opening + spec.listed_since, self._list_properties)
        self._world.at(opening + spec.busy_since, self._edit)
        self._world.at(opening + spec.busy_since, self._visit)
        self._world.at(opening + spec.busy_since, self._every_minute)

    def _list_properties(self) -> None:
        for item in self._listings.at_first(self._world.now()):
            importer = f"arn:aws:iam::{ACCOUNT}:role/prop-ie-import"
            self._tables.write(self._simulation.region, self._names.table, "PutItem", importer, item, writer="import")

    def _edit(self) -> None:
        """Let an agent change a price, through the API, and go on with the next edit a little later."""
        now, region = self._world.now(), self._simulation.region
        try:
            record = self._path.table(region, self._names.api, EDITED_BY)
            item = _item(record, self._chance.choice(self._listings.ordinary))
            price = max(price_of(item) + self._chance.choice((-10_000, -5_000, 5_000)), 50_000)
            edited = changed(item, now, "agent", price={"N": str(price)})
            self._count(self._path.write(region, self._names.api, EDITED_BY, edited))
        except (AwsError, LookupError) as error:
            self._failed("api", error)
        else:
            self._measure("ServerErrorPercent", 0.0)
        self._again(self._spec.edit_pause, self._edit)

    def _visit(self) -> None:
        """Let a visitor book a viewing on the site, and go on with the next one a little later."""
        try:
            app, branch, job = self._site()
            self._book(app, branch, job)
        except (AwsError, LookupError) as error:
            self._failed("site", error)
        else:
            self._measure("ServerErrorPercent", 0.0)
        self._again(self._spec.visit_pause, self._visit)

    def _book(self, app: App, branch: Branch, job: Job) -> None:
        record, role = self._site_table(app, branch, job)
        item = _item(record, self._chance.choice(self._listings.ordinary))
        viewings = {"N": str(int(item["viewings"]["N"]) + 1)}
        self._write(record, role, changed(item, self._world.now(), "site", viewings=viewings), job)
        if job.commit.commit_id == self._spec.faulty_commit and self._goes_wrong():
            self._clear_price(record, role, job)

    def _clear_price(self, record: TableRecord, role: str, job: Job) -> None:
        """Do what the fault does: clear the price of some property, and take it off the market."""
        item = _item(record, self._listings.victim())
        price = price_of(item)
        if not price:
            return
        cleared = changed(item, self._world.now(), "site", price={"N": "0"}, status={"S": "draft"})
        self._write(record, role, cleared, job, good=False)
        commit = job.commit.commit_id[:7]
        self._log("site", f"WARN PRICE_CLEARED property={item['pk']['S']} price={price}->0 commit={commit}")
        self._measure("PricesCleared", 1.0)
        if self._chance.random() < COMPLAINT_SHARE:
            later = timedelta(seconds=self._chance.uniform(*COMPLAINT_AFTER))
            self._world.at(self._world.now() + later, lambda: self._measure("AgentComplaints", 1.0))

    def _site(self) -> tuple[App, Branch, Job]:
        """Return the build that is served."""
        app = self._amplify.app(self._simulation.region, self._names.app_id)
        branch = app.branch(self._names.branch)
        if branch.live is None:
            raise LookupError("the site was never built")
        return app, branch, branch.live

    def _site_table(self, app: App, branch: Branch, job: Job) -> tuple[TableRecord, str]:
        """Return the table whose name the build saw, and the role with which the site uses it."""
        record = self._tables.find(self._simulation.region, job.environment.get(self._names.table_variable, ""))
        if record is None:
            raise LookupError("Requested resource not found")
        role = str(branch.params.get("computeRoleArn") or app.params.get("computeRoleArn") or "")
        refused = why_not(role, "dynamodb:PutItem", record.arn)
        if refused:
            raise AwsError("AccessDeniedException", refused)
        return record, role

    def _write(self, record: TableRecord, role: str, item: Item, job: Job, *, good: bool = True) -> None:
        writer = f"site/{job.commit.commit_id[:7]}"
        self._tables.write(record.region, record.name, "PutItem", role, item, good=good, writer=writer)
        self._count(record)

    def _count(self, record: TableRecord) -> None:
        dimensions, put = {"TableName": record.name}, self._simulation.metrics.put
        put(self._names.namespace, self._names.metric, dimensions, self._world.now(), 1.0, resolution=1)

    def _goes_wrong(self) -> bool:
        """Tell whether this booking is one of the share that goes wrong; evenly spread."""
        self._wrong += self._spec.share
        goes_wrong = self._wrong >= 1.0
        self._wrong -= goes_wrong
        return goes_wrong

    def _failed(self, part: str, error: Exception) -> None:
        """Show an error to a user, and write it to the log, at most once a minute."""
        self._measure("ServerErrorPercent", 100.0)
        now = self._world.now()
        if now - self._complained.get(part, now - MINUTE) >= MINUTE:
            self._complained[part] = now
            self._log(part, f"ERROR {error}")

    def _measure(self, metric: str, value: float) -> None:
        self._simulation.metrics.put(self._names.namespace, metric, {}, self._world.now(), value)

    def _log(self, stream: str, message: str) -> None:
        self._log_writer.write(self._simulation.region, self._names.log_group, stream, message)

    def _again(self, pause: timedelta, happen: Any) -> None:
        self._world.at(self._world.now() + pause * self._chance.uniform(0.4, 1.6), happen)

    def _every_minute(self) -> None:
        self._measure("PricesCleared", 0.0)
        self._measure("AgentComplaints", 0.0)
        self._world.at(self._world.now() + MINUTE, self._every_minute)

    def _truth(self, query: dict[str, str]) -> JsonValue:
        """Tell where the two ways lead at this moment."""
        del query
        try:
            api: JsonValue = self._path.table(self._simulation.region, self._names.api, EDITED_BY).name
        except AwsError as error:
            api = f"refused: {error}"
        try:
            app, branch, job = self._site()
            site: dict[str, JsonValue] = {"job": job.number, "commit": job.commit.commit_id}
            site["table"] = self._site_table(app, branch, job)[0].name
        except (AwsError, LookupError) as error:
            site = {"refused": str(error)}
        return {"api": api, "site": site}


def _item(record: TableRecord, key: Item) -> Item:
    item = record.history.current.get(record.history.key_of(key))
    if item is None:
        raise LookupError(f"there is no property {key['pk']['S']}")
    return item
