"""The way of a write through AppSync: field, resolver, data source, role, table. Without GraphQL itself."""

from cockpit.sim.appsync_model import Api, AppSyncModel
from cockpit.sim.errors import AwsError
from cockpit.sim.item_history import Item
from cockpit.sim.roles import why_not
from cockpit.sim.tables import TableRecord, Tables


class DataPath:
    """Carries out mutations of GraphQL APIs as far as they write an item of a DynamoDB table."""

    def __init__(self, model: AppSyncModel, tables: Tables) -> None:
        self._model = model
        self._tables = tables

    def table(self, region: str, api_name: str, field: str) -> TableRecord:
        """Return the table behind a field of Mutation, if the data source's role may write to it.

        Raises:
            AwsError: the API, its resolver, data source, role, permission or table is missing; says which.
        """
        api = self._api(region, api_name)
        source = api.data_source(api.resolver("Mutation", field).get("dataSourceName", ""))
        config = source.get("dynamodbConfig", {})
        record = self._tables.find(str(config.get("awsRegion", region)), str(config.get("tableName", "")))
        if record is None:
            raise AwsError("DynamoDB:ResourceNotFoundException", "Requested resource not found")
        refused = why_not(source["serviceRoleArn"], "dynamodb:PutItem", record.arn)
        if refused:
            raise AwsError("DynamoDB:AccessDeniedException", refused)
        return record

    def write(self, region: str, api_name: str, field: str, item: Item, *, good: bool = True) -> TableRecord:
        """Write an item as a mutation does.

        Raises:
            AwsError: as for `table`; or the table refuses the write.
        """
        record = self.table(region, api_name, field)
        api = self._api(region, api_name)
        role = api.data_source(api.resolver("Mutation", field)["dataSourceName"])["serviceRoleArn"]
        self._tables.write(record.region, record.name, "PutItem", role, item, good=good, writer=f"appsync/{field}")
        return record

    def _api(self, region: str, name: str) -> Api:
        api = self._model.named(region, name)
        if api is None:
            raise AwsError("NotFoundException", f"There is no GraphQL API {name}.")
        return api
