"""Exports of a table to S3, and tables imported from there, in DynamoDB's own JSON."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from moto.dynamodb.models import dynamodb_backends

from cockpit.sim.errors import AwsError, NotSimulated
from cockpit.sim.item_history import Item, ItemHistory
from cockpit.sim.operations import Handler, Request
from cockpit.sim.simulation import ACCOUNT, Simulation
from cockpit.sim.tables import Tables
from cockpit.sim.whole_service import as_utc, given

EXPORT_TAKES = timedelta(minutes=5)
_FORMAT = "DYNAMODB_JSON"


class Exports:
    """ExportTableToPointInTime, DescribeExport: full exports, to a bucket in any region."""

    def __init__(self, simulation: Simulation, tables: Tables) -> None:
        self._simulation = simulation
        self._tables = tables
        self._jobs: dict[str, dict[str, Any]] = {}

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {"ExportTableToPointInTime": self.start, "DescribeExport": self.describe}

    def start(self, request: Request) -> dict[str, Any]:
        """Begin an export; its files are there when it is over, the manifest last."""
        params, world = request.params, self._tables.world
        if params.get("ExportFormat", _FORMAT) != _FORMAT or params.get("ExportType", "FULL_EXPORT") != "FULL_EXPORT":
            raise NotSimulated("exports are full ones, in DynamoDB JSON")
        record = self._tables.find(request.region, params["TableArn"])
        if record is None:
            raise AwsError("TableNotFoundException", f"Table not found: {params['TableArn']}")
        now = world.now()
        window = record.window(now)
        if window is None:
            message = f"Point in time recovery is not enabled for table '{record.name}'"
            raise AwsError("PointInTimeRecoveryUnavailableException", message)
        moment = as_utc(params.get("ExportTime")) or now
        if not window[0] <= moment <= now:
            raise AwsError("InvalidExportTimeException", "ExportTime is outside of the recovery window.")
        number = f"{int(now.timestamp() * 1000):014}-{world.random(f'export/{now}').getrandbits(32):08x}"
        arn = f"{record.arn}/export/{number}"
        shown = given(
            {
                "ExportArn": arn,
                "ExportStatus": "IN_PROGRESS",
                "StartTime": now,
                "TableArn": record.arn,
                "ExportTime": moment,
                "S3Bucket": params["S3Bucket"],
                "S3Prefix": params.get("S3Prefix"),
                "ExportFormat": _FORMAT,
                "ExportType": "FULL_EXPORT",
            }
        )
        self._jobs[arn] = shown
        items = list(record.history.items_at(moment).values())
        world.at(now + EXPORT_TAKES, lambda: self._write(request.region, shown, number, items))
        return {"ExportDescription": dict(shown)}

    def describe(self, request: Request) -> dict[str, Any]:
        """Describe an export."""
        job = self._jobs.get(request.params["ExportArn"])
        if job is None:
            raise AwsError("ExportNotFoundException", "The specified export was not found.")
        return {"ExportDescription": dict(job)}

    def _write(self, region: str, shown: dict[str, Any], number: str, items: list[Item]) -> None:
        now = self._tables.world.now()
        prefix = f"{shown['S3Prefix'].rstrip('/')}/" if shown.get("S3Prefix") else ""
        folder = f"{prefix}AWSDynamoDB/{number}"
        data = "".join(json.dumps({"Item": item}) + "\n" for item in items).encode()
        data_key = f"{folder}/data/{number[-8:]}.json.gz"
        listed = json.dumps({"itemCount": len(items), "dataFileS3Key": data_key}).encode()
        shown |= {"EndTime": now, "ItemCount": len(items), "BilledSizeBytes": len(data)}
        summary = _summary({**shown, "ExportManifest": f"{folder}/manifest-files.json"})
        client = self._simulation.client("s3", region)
        try:
            for key, body in (
                (data_key, gzip.compress(data, mtime=0)),
                (f"{folder}/manifest-files.json", listed),
                (f"{folder}/manifest-summary.json", summary),
            ):
                client.put_object(Bucket=shown["S3Bucket"], Key=key, Body=body)
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            shown |= {"ExportStatus": "FAILED", "FailureCode": f"S3{code}", "FailureMessage": str(error)}
            return
        shown |= {"ExportStatus": "COMPLETED", "ExportManifest": f"{folder}/manifest-summary.json"}


def _summary(shown: dict[str, Any]) -> bytes:
    """Return manifest-summary.json as DynamoDB writes it (developer guide, "Export output format")."""

    def iso(moment: datetime) -> str:
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    document = {
        "version": "2020-06-30",
        "exportArn": shown["ExportArn"],
        "startTime": iso(shown["StartTime"]),
        "endTime": iso(shown["EndTime"]),
        "tableArn": shown["TableArn"],
        "exportTime": iso(shown["ExportTime"]),
        "s3Bucket": shown["S3Bucket"],
        "s3Prefix": shown.get("S3Prefix"),
        "s3SseAlgorithm": "AES256",
        "manifestFilesS3Key": shown["ExportManifest"],
        "billedSizeBytes": shown["BilledSizeBytes"],
        "itemCount": shown["ItemCount"],
        "outputFormat": _FORMAT,
        "exportType": "FULL_EXPORT",
    }
    return json.dumps(document).encode()


class Imports:
    """ImportTable, DescribeImport: a new table from files in a bucket. It takes as long as a restore."""

    def __init__(self, simulation: Simulation, tables: Tables) -> None:
        self._simulation = simulation
        self._tables = tables
        self._jobs: dict[str, dict[str, Any]] = {}

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {"ImportTable": self.start, "DescribeImport": self.describe}

    def start(self, request: Request) -> dict[str, Any]:
        """Begin an import: the table is CREATING until it is over."""
        params, world = request.params, self._tables.world
        known = next((job for job in self._jobs.values() if job["ClientToken"] == params.get("ClientToken")), None)
        if known is not None:
            return {"ImportTableDescription": dict(known)}
        if params["InputFormat"] != _FORMAT or params.get("InputCompressionType") == "ZSTD":
            raise NotSimulated("imports are of DynamoDB JSON, plain or gzip")
        wanted = params["TableCreationParameters"]
        name, now = wanted["TableName"], world.now()
        table = dynamodb_backends[ACCOUNT][request.region].create_table(
            name,
            schema=wanted["KeySchema"],
            throughput=wanted.get("ProvisionedThroughput"),
            attr=wanted["AttributeDefinitions"],
            global_indexes=wanted.get("GlobalSecondaryIndexes", []),
            indexes=[],
            streams=None,
            billing_mode=wanted.get("BillingMode", "PROVISIONED"),
            sse_specification=wanted.get("SSESpecification"),
            tags=[],
            deletion_protection_enabled=False,
            warm_throughput=None,
        )
        record = self._tables.find(request.region, name)
        if record is None:
            raise LookupError(f"table {name} was made and is not there")
        over = now + self._tables.restore_takes
        record.active_at = over
        arn = f"{table.table_arn}/import/{int(now.timestamp() * 1000):014}-{record.name[-8:].lower()}"
        shown = {
            "ImportArn": arn,
            "ImportStatus": "IN_PROGRESS",
            "TableArn": table.table_arn,
            "ClientToken": params.get("ClientToken", ""),
            "S3BucketSource": params["S3BucketSource"],
            "ErrorCount": 0,
            "InputFormat": _FORMAT,
            "InputCompressionType": params.get("InputCompressionType", "NONE"),
            "TableCreationParameters": wanted,
            "StartTime": now,
        }
        self._jobs[arn] = shown

        def finish() -> None:
            items = self._read(request.region, shown)
            history = ItemHistory(table.table_key_attrs)
            record.history = ItemHistory(table.table_key_attrs, {history.key_of(item): item for item in items})

        world.at(over, finish)
        return {"ImportTableDescription": dict(shown)}

    def describe(self, request: Request) -> dict[str, Any]:
        """Describe an import."""
        job = self._jobs.get(request.params["ImportArn"])
        if job is None:
            raise AwsError("ImportNotFoundException", "The specified import was not found.")
        return {"ImportTableDescription": dict(job)}

    def _read(self, region: str, shown: dict[str, Any]) -> list[Item]:
        """Read the files; what goes wrong is the import's failure."""
        source, client = shown["S3BucketSource"], self._simulation.client("s3", region)
        bucket, now = source["S3Bucket"], self._tables.world.now()
        items: list[Item] = []
        try:
            found = client.list_objects_v2(Bucket=bucket, Prefix=source.get("S3KeyPrefix", ""))
            for each in found.get("Contents", []):
                body = client.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
                text = gzip.decompress(body) if shown["InputCompressionType"] == "GZIP" else body
                items += [json.loads(line)["Item"] for line in text.decode().splitlines() if line.strip()]
        except (ClientError, ValueError, OSError, KeyError) as error:
            shown |= {"ImportStatus": "FAILED", "FailureCode": "S3AccessDenied", "FailureMessage": str(error)}
            shown |= {"EndTime": now}
            return []
        counts = {"ProcessedItemCount": len(items), "ImportedItemCount": len(items)}
        shown |= {"ImportStatus": "COMPLETED", "EndTime": now, **counts}
        return items
