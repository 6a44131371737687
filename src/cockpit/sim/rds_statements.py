"""The RDS Data API: SQL over HTTP, carried out by SQLite on the rows of a simulated cluster."""

import json
from typing import Any

from cockpit.sim.errors import AwsError, NotSimulated
from cockpit.sim.operations import Handler, Request
from cockpit.sim.rds_data import Answer, SqlError
from cockpit.sim.rds_model import Cluster, RdsModel

_VALUES = ("stringValue", "longValue", "doubleValue", "booleanValue", "blobValue")


class StatementApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: RdsModel) -> None:
        self._model = model

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {"ExecuteStatement": self.execute}

    def execute(self, request: Request) -> dict[str, Any]:
        """Carry out one statement on the writer. Whose credentials the secret holds makes no difference here."""
        params = request.params
        if params.get("transactionId"):
            raise NotSimulated("a transaction over several calls")
        cluster = self._cluster(request)
        values = {each["name"]: _plain(each.get("value") or {}) for each in params.get("parameters") or ()}
        try:
            answer = cluster.database.execute(self._model.world.now(), params["sql"], values, "Data API")
        except SqlError as error:
            raise AwsError("DatabaseErrorException", f"ERROR: {error}") from error
        return _as_shown(answer, params)

    def _cluster(self, request: Request) -> Cluster:
        arn = request.params["resourceArn"]
        cluster = self._model.clusters.get((request.region, arn.rpartition(":")[2]))
        if cluster is None:
            raise AwsError("DatabaseNotFoundException", f"DB cluster {arn} was not found.")
        if not cluster.settings["HttpEndpointEnabled"]:
            raise AwsError("HttpEndpointNotEnabledException", f"HttpEndpoint is not enabled for resource {arn}")
        if self._model.writer(cluster) is None:
            # AWS says DatabaseUnavailableException, a 504, which clients would repeat until they give up.
            raise AwsError("InvalidResourceStateException", "The DB cluster has no available writer instance.")
        return cluster


def _as_shown(answer: Answer, params: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"numberOfRecordsUpdated": answer.changed}
    if not answer.columns:
        return shown
    if params.get("formatRecordsAs") == "JSON":
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        return {**shown, "formattedRecords": json.dumps(rows)}
    shown["records"] = [[_field(value) for value in row] for row in answer.rows]
    if params.get("includeResultMetadata"):
        shown["columnMetadata"] = [{"name": name, "label": name} for name in answer.columns]
    return shown


def _field(value: Any) -> dict[str, Any]:
    if value is None:
        return {"isNull": True}
    if isinstance(value, int):
        return {"longValue": value}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"blobValue": value} if isinstance(value, bytes) else {"stringValue": str(value)}


def _plain(value: dict[str, Any]) -> Any:
    return next((value[name] for name in _VALUES if name in value), None)
