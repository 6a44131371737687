"""Aurora in the simulated RDS: clusters that live in time, restores to a second, the Data API, what AWS refuses."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from stage import Stage

from cockpit.sim.simulation import ACCOUNT, REGION

GROUP = "sg-0123456789abcdef0"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:reader-abcdef"


@pytest.fixture
def aurora(stage: Stage) -> Stage:
    """Return a stage with the cluster `shop`: two instances, settings of its own, one table with a row."""
    rds = stage.client("rds")
    key = stage.simulation.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]
    rds.create_db_subnet_group(DBSubnetGroupName="data", DBSubnetGroupDescription="x", SubnetIds=["subnet-1"])
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="shop", DBParameterGroupFamily="aurora-postgresql16", Description="x"
    )
    rds.create_db_cluster(
        DBClusterIdentifier="shop",
        Engine="aurora-postgresql",
        MasterUsername="shop",
        MasterUserPassword="not a secret",
        DatabaseName="shop",
        DBSubnetGroupName="data",
        DBClusterParameterGroupName="shop",
        VpcSecurityGroupIds=[GROUP],
        StorageEncrypted=True,
        KmsKeyId=key,
        BackupRetentionPeriod=7,
        DeletionProtection=True,
        EnableCloudwatchLogsExports=["postgresql"],
        Tags=[{"Key": "service", "Value": "shop"}],
    )
    stage.go(300)
    for number in (1, 2):
        rds.create_db_instance(
            DBInstanceIdentifier=f"shop-{number}",
            DBClusterIdentifier="shop",
            DBInstanceClass="db.r6g.large",
            Engine="aurora-postgresql",
        )
    stage.go(600)
    rds.enable_http_endpoint(ResourceArn=cluster(stage)["DBClusterArn"])
    sql(stage, "shop", "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount INTEGER)")
    sql(stage, "shop", "INSERT INTO orders VALUES (1, 100)")
    stage.go(3600)
    return stage


def cluster(stage: Stage, name: str = "shop") -> dict[str, Any]:
    return dict(stage.client("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0])


def sql(stage: Stage, name: str, statement: str, **values: int) -> dict[str, Any]:
    return dict(
        stage.client("rds-data").execute_statement(
            resourceArn=f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{name}",
            secretArn=SECRET,
            sql=statement,
            parameters=[{"name": key, "value": {"longValue": value}} for key, value in values.items()],
        )
    )


def restore(stage: Stage, to: datetime, **more: Any) -> None:
    """Restore the cluster to `back` and wait until it is available, without instances."""
    stage.client("rds").restore_db_cluster_to_point_in_time(
        DBClusterIdentifier="back", SourceDBClusterIdentifier="shop", RestoreToTime=to, **more
    )
    stage.go(22 * 60)


def add_instance(stage: Stage) -> None:
    stage.client("rds").create_db_instance(
        DBInstanceIdentifier="back-1",
        DBClusterIdentifier="back",
        DBInstanceClass="db.r6g.large",
        Engine="aurora-postgresql",
    )
    stage.go(480)


def refusal_of_restore(stage: Stage, **params: Any) -> str:
    given = {"DBClusterIdentifier": "back", "SourceDBClusterIdentifier": "shop", **params}
    return stage.refusal("rds", "restore_db_cluster_to_point_in_time", **given)


def test_the_restorable_window_moves(aurora):
    """Latest is five minutes behind now, earliest begins with the cluster and later follows the retention period."""
    now = aurora.clock.now()
    found = cluster(aurora)
    assert found["LatestRestorableTime"] == now - timedelta(minutes=5)
    assert found["EarliestRestorableTime"] == found["ClusterCreateTime"] + timedelta(minutes=3)
    aurora.go(8 * 86400)
    assert cluster(aurora)["EarliestRestorableTime"] == aurora.clock.now() - timedelta(days=7)


def test_a_restore_brings_exactly_the_rows_of_its_second(aurora):
    """A write of the chosen second is kept, one of the next second is not; the source keeps all."""
    sql(aurora, "shop", "UPDATE orders SET amount = 200 WHERE id = 1")
    at = aurora.clock.now()
    aurora.go(1)
    sql(aurora, "shop", "UPDATE orders SET amount = NULL")
    aurora.go(600)
    restore(aurora, at)
    add_instance(aurora)
    aurora.client("rds").enable_http_endpoint(ResourceArn=cluster(aurora, "back")["DBClusterArn"])
    assert sql(aurora, "back", "SELECT amount FROM orders")["records"] == [[{"longValue": 200}]]
    assert sql(aurora, "shop", "SELECT amount FROM orders")["records"] == [[{"isNull": True}]]
    sql(aurora, "back", "INSERT INTO orders VALUES (:id, :amount)", id=2, amount=5)
    counted = sql(aurora, "shop", "SELECT count(*) FROM orders")
    assert counted["records"] == [[{"longValue": 1}]], "the clusters must not share rows"


def test_a_restored_cluster_has_no_instances_and_default_groups(aurora):
    """Nothing but engine, key, names and retention is carried over; until an instance is there nobody is served."""
    restore(aurora, aurora.clock.now() - timedelta(minutes=10))
    found, source = cluster(aurora, "back"), cluster(aurora)
    assert found["Status"] == "available"
    assert found["DBClusterMembers"] == []
    assert found["VpcSecurityGroups"][0]["VpcSecurityGroupId"] != GROUP
    assert found["DBClusterParameterGroup"] == "default.aurora-postgresql16"
    assert (found["DeletionProtection"], found["TagList"], found["AssociatedRoles"]) == (False, [], [])
    assert found["HttpEndpointEnabled"] is False
    assert "EnabledCloudwatchLogsExports" not in found
    assert (found["KmsKeyId"], found["BackupRetentionPeriod"]) == (source["KmsKeyId"], 7)
    aurora.client("rds").enable_http_endpoint(ResourceArn=found["DBClusterArn"])
    params = {"resourceArn": found["DBClusterArn"], "secretArn": SECRET, "sql": "SELECT 1"}
    assert aurora.refusal("rds-data", "execute_statement", **params) == "InvalidResourceStateException"
    add_instance(aurora)
    member = cluster(aurora, "back")["DBClusterMembers"][0]
    assert (member["DBInstanceIdentifier"], member["IsClusterWriter"]) == ("back-1", True)


def test_a_restore_takes_what_it_is_given_and_its_time(aurora):
    """Settings that are passed are kept; progress is a percentage that grows; instances are refused before its end."""
    settings = {
        "VpcSecurityGroupIds": [GROUP],
        "DBClusterParameterGroupName": "shop",
        "DBSubnetGroupName": "data",
        "DeletionProtection": True,
        "EnableCloudwatchLogsExports": ["postgresql"],
        "Tags": [{"Key": "service", "Value": "shop"}],
    }
    aurora.client("rds").restore_db_cluster_to_point_in_time(
        DBClusterIdentifier="back",
        SourceDBClusterIdentifier="shop",
        RestoreToTime=aurora.clock.now() - timedelta(minutes=10),
        **settings,
    )
    aurora.go(11 * 60)
    found = cluster(aurora, "back")
    assert (found["Status"], found["PercentProgress"]) == ("creating", "50")
    assert "LatestRestorableTime" not in found
    instance = {"DBInstanceIdentifier": "b", "DBInstanceClass": "db.r6g.large", "Engine": "aurora-postgresql"}
    refused = aurora.refusal("rds", "create_db_instance", DBClusterIdentifier="back", **instance)
    assert refused == "InvalidDBClusterStateFault"
    aurora.go(11 * 60)
    found = cluster(aurora, "back")
    assert (found["Status"], found["PercentProgress"]) == ("available", "100")
    assert found["VpcSecurityGroups"] == [{"VpcSecurityGroupId": GROUP, "Status": "active"}]
    assert (found["DBClusterParameterGroup"], found["DBSubnetGroup"]) == ("shop", "data")
    assert (found["DeletionProtection"], found["EnabledCloudwatchLogsExports"]) == (True, ["postgresql"])
    assert found["TagList"] == [{"Key": "service", "Value": "shop"}]


def test_restores_that_aws_refuses(aurora):
    """Outside the window, over an existing name, from nothing, under a strange key or group, with two times or none."""
    now = aurora.clock.now()
    inside = now - timedelta(minutes=10)
    assert refusal_of_restore(aurora, RestoreToTime=now - timedelta(minutes=4)) == "InvalidParameterValue"
    assert refusal_of_restore(aurora, RestoreToTime=now - timedelta(days=3)) == "InvalidParameterValue"
    assert refusal_of_restore(aurora) == "InvalidParameterCombination"
    both = {"RestoreToTime": inside, "UseLatestRestorableTime": True}
    assert refusal_of_restore(aurora, **both) == "InvalidParameterCombination"
    taken = refusal_of_restore(aurora, RestoreToTime=inside, DBClusterIdentifier="shop")
    assert taken == "DBClusterAlreadyExistsFault"
    lost = refusal_of_restore(aurora, RestoreToTime=inside, SourceDBClusterIdentifier="none")
    assert lost == "DBClusterNotFoundFault"
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
    assert refusal_of_restore(aurora, RestoreToTime=inside, KmsKeyId=key) == "KMSKeyNotAccessibleFault"
    group = refusal_of_restore(aurora, RestoreToTime=inside, DBClusterParameterGroupName="none")
    assert group == "DBClusterParameterGroupNotFound"
    subnets = refusal_of_restore(aurora, RestoreToTime=inside, DBSubnetGroupName="none")
    assert subnets == "DBSubnetGroupNotFoundFault"
    insights = refusal_of_restore(aurora, RestoreToTime=inside, EnablePerformanceInsights=True)
    assert insights == "InvalidParameterCombination"
    copy = refusal_of_restore(aurora, RestoreType="copy-on-write", UseLatestRestorableTime=True)
    assert copy == "NotSimulated"


def test_a_protected_cluster_cannot_be_deleted(aurora):
    """Deletion asks for protection off and no instances, and then takes a while."""
    rds = aurora.client("rds")
    assert aurora.refusal("rds", "delete_db_cluster", DBClusterIdentifier="shop", SkipFinalSnapshot=True) == (
        "InvalidParameterCombination"
    )
    rds.modify_db_cluster(DBClusterIdentifier="shop", DeletionProtection=False, ApplyImmediately=True)
    assert aurora.refusal("rds", "delete_db_cluster", DBClusterIdentifier="shop", SkipFinalSnapshot=True) == (
        "InvalidDBClusterStateFault"
    )
    for number in (1, 2):
        rds.delete_db_instance(DBInstanceIdentifier=f"shop-{number}")
    deleted = rds.delete_db_cluster(DBClusterIdentifier="shop", SkipFinalSnapshot=True)
    assert deleted["DBCluster"]["Status"] == "deleting"
    aurora.go(180)
    assert aurora.refusal("rds", "describe_db_clusters", DBClusterIdentifier="shop") == "DBClusterNotFoundFault"
    assert aurora.refusal("rds", "describe_db_instances", DBInstanceIdentifier="shop-1") == "DBInstanceNotFound"


def test_lists_come_in_pages_and_take_filters(aurora):
    """Every instance is seen once over all pages; a filter narrows to one cluster; other filters are refused."""
    rds = aurora.client("rds")
    for number in range(3, 26):
        rds.create_db_instance(
            DBInstanceIdentifier=f"shop-{number:02}",
            DBClusterIdentifier="shop",
            DBInstanceClass="db.r6g.large",
            Engine="aurora-postgresql",
        )
    first = rds.describe_db_instances(MaxRecords=20)
    second = rds.describe_db_instances(MaxRecords=20, Marker=first["Marker"])
    names = [each["DBInstanceIdentifier"] for each in (*first["DBInstances"], *second["DBInstances"])]
    assert (len(first["DBInstances"]), len(names), len(set(names))) == (20, 25, 25)
    assert "Marker" not in second
    wanted = [{"Name": "db-cluster-id", "Values": ["none"]}]
    assert rds.describe_db_instances(Filters=wanted)["DBInstances"] == []
    assert aurora.refusal("rds", "describe_db_instances", MaxRecords=10) == "InvalidParameterValue"
    strange = [{"Name": "colour", "Values": ["red"]}]
    assert aurora.refusal("rds", "describe_db_clusters", Filters=strange) == "InvalidParameterValue"


def test_events_are_told_for_the_time_asked_for(aurora):
    """Events come with their source; without a time only those of the last hour are shown."""
    rds = aurora.client("rds")
    assert rds.describe_events()["Events"] == []
    day = rds.describe_events(Duration=24 * 60)["Events"]
    assert [event["SourceIdentifier"] for event in day] == ["shop", "shop-1", "shop-2"]
    only = rds.describe_events(Duration=24 * 60, SourceType="db-cluster", SourceIdentifier="shop")["Events"]
    assert [event["EventCategories"] for event in only] == [["creation"]]
    assert aurora.refusal("rds", "describe_events", SourceIdentifier="shop") == "InvalidParameterCombination"


def test_tags_roles_and_log_exports_are_kept(aurora):
    """What is added is shown until it is taken away."""
    rds, role = aurora.client("rds"), f"arn:aws:iam::{ACCOUNT}:role/exports"
    arn = cluster(aurora)["DBClusterArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "kept", "Value": "yes"}])
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["service"])
    assert rds.list_tags_for_resource(ResourceName=arn)["TagList"] == [{"Key": "kept", "Value": "yes"}]
    rds.add_role_to_db_cluster(DBClusterIdentifier="shop", RoleArn=role, FeatureName="s3Export")
    assert cluster(aurora)["AssociatedRoles"] == [{"RoleArn": role, "FeatureName": "s3Export", "Status": "ACTIVE"}]
    again = {"DBClusterIdentifier": "shop", "RoleArn": role, "FeatureName": "s3Export"}
    assert aurora.refusal("rds", "add_role_to_db_cluster", **again) == "DBClusterRoleAlreadyExists"
    rds.remove_role_from_db_cluster(**again)
    assert cluster(aurora)["AssociatedRoles"] == []
    rds.modify_db_cluster(
        DBClusterIdentifier="shop", CloudwatchLogsExportConfiguration={"DisableLogTypes": ["postgresql"]}
    )
    assert not cluster(aurora).get("EnabledCloudwatchLogsExports")
    assert (
        aurora.refusal("rds", "modify_db_cluster", DBClusterIdentifier="shop", EngineVersion="17.1") == "NotSimulated"
    )


def test_the_data_api_says_what_is_wrong(aurora):
    """Switched off, of an unknown cluster, with wrong SQL: each has the error AWS gives it, and nothing is changed."""
    data = {"resourceArn": cluster(aurora)["DBClusterArn"], "secretArn": SECRET, "sql": "SELEKT"}
    assert aurora.refusal("rds-data", "execute_statement", **data) == "DatabaseErrorException"
    two = {**data, "sql": "SELECT 1; SELECT 2"}
    assert aurora.refusal("rds-data", "execute_statement", **two) == "DatabaseErrorException"
    lost = {**data, "resourceArn": f"{data['resourceArn']}-none"}
    assert aurora.refusal("rds-data", "execute_statement", **lost) == "DatabaseNotFoundException"
    shown = aurora.client("rds-data").execute_statement(
        **{**data, "sql": "SELECT id, amount FROM orders"}, formatRecordsAs="JSON"
    )
    assert shown["formattedRecords"] == '[{"id": 1, "amount": 100}]'
    aurora.client("rds").disable_http_endpoint(ResourceArn=data["resourceArn"])
    assert aurora.refusal("rds-data", "execute_statement", **data) == "HttpEndpointNotEnabledException"
