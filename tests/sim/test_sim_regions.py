"""What a regional outage needs: other regions' copies of the data, load balancers, name servers, lost regions."""

import json

import pytest
from botocore.exceptions import ClientError

from cockpit.sim.elbv2_model import LoadBalancing
from cockpit.sim.front_door import FrontDoor
from cockpit.sim.lost_regions import LostRegions

HOME, AWAY = "us-east-1", "us-west-2"
TABLE_ARN = f"arn:aws:dynamodb:{HOME}:123456789012:table/Users"
ROLE = "arn:aws:iam::123456789012:role/backup"
KEYS = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def item(name):
    return {"pk": {"S": name}}


def names(client, table="Users"):
    return sorted(each["pk"]["S"] for each in client.scan(TableName=table)["Items"])


@pytest.fixture
def home(stage):
    """The table Users in its region, with point-in-time recovery and one item."""
    dynamodb = stage.client("dynamodb", HOME)
    dynamodb.create_table(TableName="Users", **KEYS)
    dynamodb.update_continuous_backups(
        TableName="Users", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    dynamodb.put_item(TableName="Users", Item=item("ada"))
    return dynamodb


@pytest.fixture
def away(stage, home):
    return stage.client("dynamodb", AWAY)


def lose(stage):
    stage.simulation.parts[LostRegions].lose(HOME)


def test_a_replica_follows_within_two_seconds_until_the_region_is_lost(stage, home, away):
    """Without this a replica would show data of the future, or never get any."""
    home.update_table(TableName="Users", ReplicaUpdates=[{"Create": {"RegionName": AWAY}}])
    assert [each["RegionName"] for each in away.describe_table(TableName="Users")["Table"]["Replicas"]] == [HOME]
    home.put_item(TableName="Users", Item=item("bob"))
    assert names(away) == ["ada"]
    stage.go(2)
    assert names(away) == ["ada", "bob"]
    away.delete_item(TableName="Users", Key=item("ada"))
    stage.go(2)
    assert names(home) == ["bob"]
    home.put_item(TableName="Users", Item=item("eve"))
    lose(stage)
    stage.go(60)
    assert names(away) == ["bob"]


def test_a_table_is_restored_from_another_region_only_while_that_one_lives(stage, home, away):
    """Without this the simulator would promise what E-01 denies: a restore out of a region that is gone."""
    stage.go(400)
    source = {"SourceTableArn": TABLE_ARN, "UseLatestRestorableTime": True}
    away.restore_table_to_point_in_time(TargetTableName="Users-1", **source)
    stage.go(3600)
    assert names(away, "Users-1") == ["ada"]
    lose(stage)
    with pytest.raises(ClientError) as failure:
        away.restore_table_to_point_in_time(TargetTableName="Users-2", **source)
    assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


@pytest.fixture
def vaults(stage, home):
    """A vault in each region; returns the ARN of the one that is away."""
    stage.client("backup", HOME).create_backup_vault(BackupVaultName="daily")
    return stage.client("backup", AWAY).create_backup_vault(BackupVaultName="copies")["BackupVaultArn"]


def back_up(stage):
    answer = stage.client("backup", HOME).start_backup_job(
        BackupVaultName="daily", ResourceArn=TABLE_ARN, IamRoleArn=ROLE
    )
    stage.go(400)
    job = stage.client("backup", HOME).describe_backup_job(BackupJobId=answer["BackupJobId"])
    assert job["State"] == "COMPLETED"
    return answer


def copy(stage, point, vault):
    backup = stage.client("backup", HOME)
    return backup.start_copy_job(
        RecoveryPointArn=point, SourceBackupVaultName="daily", DestinationBackupVaultArn=vault, IamRoleArn=ROLE
    )["CopyJobId"]


def points(stage):
    answer = stage.client("backup", AWAY).list_recovery_points_by_backup_vault(
        BackupVaultName="copies", ByResourceArn=TABLE_ARN, ByResourceType="DynamoDB"
    )
    return answer["RecoveryPoints"]


def test_a_copied_backup_keeps_its_date_and_brings_exactly_its_items_back(stage, home, away, vaults):
    """Without this the loss shown for a copied backup would be reckoned from the copy, or its items would be others."""
    begun = back_up(stage)
    home.put_item(TableName="Users", Item=item("bob"))
    job = copy(stage, begun["RecoveryPointArn"], vaults)
    assert [point["Status"] for point in points(stage)] == ["CREATING"]
    stage.go(600)
    assert stage.client("backup", HOME).describe_copy_job(CopyJobId=job)["CopyJob"]["State"] == "COMPLETED"
    point = points(stage)[0]
    assert (point["CreationDate"], point["Status"]) == (begun["CreationDate"], "COMPLETED")
    backup = stage.client("backup", AWAY)
    arn = point["RecoveryPointArn"]
    assert backup.describe_recovery_point(BackupVaultName="copies", RecoveryPointArn=arn)["ResourceArn"] == TABLE_ARN
    metadata = backup.get_recovery_point_restore_metadata(BackupVaultName="copies", RecoveryPointArn=arn)
    assert metadata["RestoreMetadata"]["originalTableName"] == "Users"
    lose(stage)
    wanted = {
        "RecoveryPointArn": arn,
        "IamRoleArn": ROLE,
        "IdempotencyToken": "once",
        "Metadata": {"targetTableName": "Users-restored", "encryptionType": "Default"},
    }
    restore = backup.start_restore_job(**wanted)["RestoreJobId"]
    assert backup.start_restore_job(**wanted)["RestoreJobId"] == restore
    assert backup.describe_restore_job(RestoreJobId=restore)["Status"] == "PENDING"
    stage.go(60)
    assert backup.describe_restore_job(RestoreJobId=restore)["Status"] == "RUNNING"
    stage.go(3600)
    assert backup.describe_restore_job(RestoreJobId=restore)["Status"] == "COMPLETED"
    assert names(away, "Users-restored") == ["ada"]
    summary = away.describe_table(TableName="Users-restored")["Table"]["RestoreSummary"]
    assert (summary["SourceBackupArn"], summary["RestoreInProgress"]) == (arn, False)


def test_a_copy_under_way_when_the_region_is_lost_never_arrives(stage, home, vaults):
    """Without this an outage would leave a copy behind that AWS could not have finished."""
    job = copy(stage, back_up(stage)["RecoveryPointArn"], vaults)
    lose(stage)
    stage.go(3600)
    assert points(stage) == []
    assert stage.client("backup", HOME).describe_copy_job(CopyJobId=job)["CopyJob"]["State"] == "FAILED"


def test_e24_a_restore_to_a_name_that_is_taken_fails(stage, home, away, vaults):
    """Without this Terraform's empty table would be overwritten, or the restore would seem to have worked (E-24)."""
    copy(stage, back_up(stage)["RecoveryPointArn"], vaults)
    stage.go(600)
    away.create_table(TableName="Users", **KEYS)
    with pytest.raises(ClientError, match="TableAlreadyExistsException"):
        away.restore_table_to_point_in_time(
            SourceTableArn=TABLE_ARN, TargetTableName="Users", UseLatestRestorableTime=True
        )
    backup = stage.client("backup", AWAY)
    job = backup.start_restore_job(
        RecoveryPointArn=points(stage)[0]["RecoveryPointArn"], IamRoleArn=ROLE, Metadata={"targetTableName": "Users"}
    )["RestoreJobId"]
    stage.go(60)
    ended = backup.describe_restore_job(RestoreJobId=job)
    assert (ended["Status"], ended["StatusMessage"]) == ("FAILED", "Table already exists: Users")
    assert names(away) == []


def test_an_export_can_be_imported_in_another_region(stage, home, away):
    """Without this the way over an export in S3 could not be tried, nor its age be read from the manifest."""
    bucket = stage.simulation.client("s3", AWAY)
    bucket.create_bucket(Bucket="exports", CreateBucketConfiguration={"LocationConstraint": AWAY})
    export = home.export_table_to_point_in_time(TableArn=TABLE_ARN, S3Bucket="exports", S3Prefix="users")
    home.put_item(TableName="Users", Item=item("bob"))
    stage.go(400)
    described = home.describe_export(ExportArn=export["ExportDescription"]["ExportArn"])["ExportDescription"]
    assert described["ExportStatus"] == "COMPLETED"
    manifest = json.loads(bucket.get_object(Bucket="exports", Key=described["ExportManifest"])["Body"].read())
    assert manifest["itemCount"] == 1
    lose(stage)
    started = away.import_table(
        ClientToken="once",
        S3BucketSource={
            "S3Bucket": "exports",
            "S3KeyPrefix": described["ExportManifest"].rpartition("/")[0] + "/data/",
        },
        InputFormat="DYNAMODB_JSON",
        InputCompressionType="GZIP",
        TableCreationParameters={"TableName": "Users-imported", **KEYS},
    )["ImportTableDescription"]
    assert away.describe_table(TableName="Users-imported")["Table"]["TableStatus"] == "CREATING"
    stage.go(3600)
    ended = away.describe_import(ImportArn=started["ImportArn"])["ImportTableDescription"]
    assert (ended["ImportStatus"], ended["ImportedItemCount"]) == ("COMPLETED", 1)
    assert names(away, "Users-imported") == ["ada"]


def test_an_import_from_a_bucket_that_is_not_there_fails(stage, home, away):
    """Without this a wrong bucket would give an empty table that looks like data."""
    started = away.import_table(
        S3BucketSource={"S3Bucket": "nowhere"},
        InputFormat="DYNAMODB_JSON",
        TableCreationParameters={"TableName": "Users-imported", **KEYS},
    )["ImportTableDescription"]
    stage.go(3600)
    ended = away.describe_import(ImportArn=started["ImportArn"])["ImportTableDescription"]
    assert ended["ImportStatus"] == "FAILED"


@pytest.fixture
def balancer(stage, away):
    """A load balancer in the other region with an ECS service of two tasks behind it; AppConfig names Users-1."""
    appconfig, ecs, elb = (stage.client(name, AWAY) for name in ("appconfig", "ecs", "elbv2"))
    application = appconfig.create_application(Name="syncwell")["Id"]
    environment = appconfig.create_environment(ApplicationId=application, Name="prod")["Id"]
    profile = appconfig.create_configuration_profile(ApplicationId=application, Name="runtime", LocationUri="hosted")
    appconfig.create_hosted_configuration_version(
        ApplicationId=application,
        ConfigurationProfileId=profile["Id"],
        ContentType="application/json",
        Content=b'{"DynamoDBTableName": "Users-1"}',
    )
    appconfig.start_deployment(
        ApplicationId=application,
        EnvironmentId=environment,
        ConfigurationProfileId=profile["Id"],
        ConfigurationVersion="1",
        DeploymentStrategyId="AppConfig.AllAtOnce",
    )
    stage.go(900)
    made = elb.create_load_balancer(Name="syncwell", Subnets=["subnet-1"])["LoadBalancers"][0]
    group = elb.create_target_group(Name="worker", Port=8080, Protocol="HTTP", TargetType="ip", VpcId="vpc-1")
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    elb.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"],
        Port=443,
        Protocol="HTTPS",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    ecs.create_cluster(clusterName="syncwell")
    container = {"name": "worker", "image": "worker:2.18.0", "memory": 512}
    ecs.register_task_definition(family="worker", containerDefinitions=[container])
    ecs.create_service(
        cluster="syncwell",
        serviceName="worker",
        taskDefinition="worker:1",
        desiredCount=2,
        loadBalancers=[{"targetGroupArn": arn, "containerName": "worker", "containerPort": 8080}],
    )
    stage.go(100)
    return made["LoadBalancerArn"]


def health(stage, balancer):
    elb = stage.client("elbv2", AWAY)
    group = elb.describe_target_groups(LoadBalancerArn=balancer)["TargetGroups"][0]["TargetGroupArn"]
    described = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return [each["TargetHealth"]["State"] for each in described]


def answer(stage, balancer):
    model = stage.simulation.parts[LoadBalancing]
    status, body = stage.simulation.parts[FrontDoor].answer(model.balancers[balancer])
    return int(status[:3]), json.loads(body)


def test_a_load_balancer_answers_only_when_the_table_of_its_tasks_is_there(stage, home, away, balancer):
    """Without this DNS could be moved to a stack that has no data, and it would look well."""
    elb = stage.client("elbv2", AWAY)
    assert elb.describe_load_balancers(Names=["syncwell"])["LoadBalancers"][0]["State"]["Code"] == "active"
    assert elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["Port"] == 443
    assert health(stage, balancer) == ["unhealthy", "unhealthy"]
    assert answer(stage, balancer)[0] == 503
    stage.go(400)
    away.restore_table_to_point_in_time(
        SourceTableArn=TABLE_ARN, TargetTableName="Users-1", UseLatestRestorableTime=True
    )
    stage.go(3600)
    assert health(stage, balancer) == ["healthy", "healthy"]
    assert answer(stage, balancer) == (
        200,
        {
            "service": "worker",
            "region": AWAY,
            "revision": "worker:1",
            "image": "worker:2.18.0",
            "table": "Users-1",
            "items": 1,
        },
    )


def test_load_balancers_that_are_not_there_are_refused(stage):
    """Without this a misspelt name would give an empty list, which reads as none needed."""
    elb = stage.client("elbv2", AWAY)
    with pytest.raises(ClientError, match="LoadBalancerNotFound"):
        elb.describe_load_balancers(Names=["nobody"])
    with pytest.raises(ClientError, match="TargetGroupNotFound"):
        elb.describe_target_groups(Names=["nobody"])


def test_a_change_of_dns_reaches_the_name_servers_after_a_while(stage):
    """Without this a plan could go on before anybody is led to the new address."""
    dns = stage.client("route53")
    zone = dns.create_hosted_zone(Name="syncwell.example", CallerReference="1")["HostedZone"]["Id"]

    def point_to(target):
        alias = {"HostedZoneId": "Z1", "DNSName": target, "EvaluateTargetHealth": True}
        record = {"Name": "api.syncwell.example", "Type": "A", "AliasTarget": alias}
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
        return dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]["Id"]

    def asked():
        answered = dns.test_dns_answer(HostedZoneId=zone, RecordName="api.syncwell.example", RecordType="A")
        return answered["ResponseCode"], answered["RecordData"]

    assert asked() == ("NXDOMAIN", [])
    point_to("old.example")
    stage.go(60)
    change = point_to("new.example")
    assert dns.get_change(Id=change)["ChangeInfo"]["Status"] == "PENDING"
    assert asked() == ("NOERROR", ["old.example"])
    stage.go(60)
    assert dns.get_change(Id=change)["ChangeInfo"]["Status"] == "INSYNC"
    assert asked() == ("NOERROR", ["new.example"])
    with pytest.raises(ClientError, match="NoSuchChange"):
        dns.get_change(Id="/change/C0")


def test_a_replica_of_a_secret_is_read_only_until_it_is_promoted(stage):
    """Without this the workers of the rebuilt stack would seem able to renew users' tokens (E-23)."""
    home, away = stage.client("secretsmanager", HOME), stage.client("secretsmanager", AWAY)
    home.create_secret(Name="key", SecretString="a", AddReplicaRegions=[{"Region": AWAY}])
    home.create_secret(Name="token", SecretString="a")
    assert home.describe_secret(SecretId="key")["ReplicationStatus"][0]["Region"] == AWAY
    assert [(each["Name"], each["PrimaryRegion"]) for each in away.list_secrets()["SecretList"]] == [("key", HOME)]
    home.replicate_secret_to_regions(SecretId="token", AddReplicaRegions=[{"Region": AWAY}])
    home.put_secret_value(SecretId="token", SecretString="b")
    assert away.get_secret_value(SecretId="token")["SecretString"] == "b"
    with pytest.raises(ClientError, match="replica secret"):
        away.put_secret_value(SecretId="token", SecretString="c")
    away.stop_replication_to_replica(SecretId="token")
    away.put_secret_value(SecretId="token", SecretString="c")
    assert home.get_secret_value(SecretId="token")["SecretString"] == "b"


def test_quotas_can_be_read_and_raised(stage):
    """Without this a quota that is too small would show when Terraform fails, not before."""
    quotas = stage.client("service-quotas", AWAY)
    wanted = {"ServiceCode": "fargate", "QuotaCode": "L-3032A538"}
    before = quotas.get_service_quota(**wanted)["Quota"]["Value"]
    assert quotas.request_service_quota_increase(**wanted, DesiredValue=before + 1)["RequestedQuota"]["DesiredValue"]
    assert quotas.get_service_quota(**wanted)["Quota"]["Value"] == before
    stage.go(3600)
    assert quotas.get_service_quota(**wanted)["Quota"]["Value"] == before + 1
    with pytest.raises(ClientError, match="NoSuchResource"):
        quotas.get_service_quota(ServiceCode="fargate", QuotaCode="L-0")


def test_what_is_not_there_answers_a_head_request_with_404(stage):
    """Without this a missing Terraform state would read as a service that is not simulated."""
    bucket = stage.simulation.client("s3", AWAY)
    with pytest.raises(ClientError) as missing:
        bucket.head_object(Bucket="nowhere", Key="terraform.tfstate")
    assert missing.value.response["Error"]["Code"] == "404"
