"""What the source says about rolling data back, done to the letter in the simulator: it goes wrong."""

from datetime import datetime, timedelta

import pytest

from support.play import Play, refusal

TABLE = "prop-ie-production-data"
TARGET = "prop-ie-production-data-recovery"
APP = {"appId": "dvr67866lzlo17"}
SITE = {**APP, "branchName": "production"}
FAULTY = "c07f5b1e92d64a8f3b0ce71d5a2964f8be130d72"


@pytest.fixture(scope="module")
def documented():
    """A world in which the table was restored as documented, while everything else went on. Nobody changes it."""
    story = Play("propie-data-rollback")
    story.began = story.clock.now()
    story.damaged = cleared(story, TABLE)
    restore(story, TARGET)
    return story


def restore(story, target, **params):
    """Restore as documented, but for `params`; wait until the table is there."""
    documented = {"UseLatestRestorableTime": True, "SSESpecificationOverride": {"Enabled": True}}
    given = {name: value for name, value in {**documented, **params}.items() if value is not None}
    story.client("dynamodb").restore_table_to_point_in_time(SourceTableName=TABLE, TargetTableName=target, **given)
    story.go(25)


def served_at(story):
    """Return when the faulty build began to be deployed."""
    jobs = story.client("amplify").list_jobs(**SITE)["jobSummaries"]
    job = story.client("amplify").get_job(**SITE, jobId=jobs[0]["jobId"])["job"]
    return next(step["startTime"] for step in job["steps"] if step["stepName"] == "DEPLOY")


def cleared(story, table):
    """Return how many properties of a table have lost their price."""
    found = story.client("dynamodb").scan(TableName=table)["Items"]
    return sum(item["price"]["N"] == "0" for item in found)


def table(story, name):
    return story.client("dynamodb").describe_table(TableName=name)["Table"]


def truth(story):
    return story.simulation.truth["truth/application"]({})


def bad_writes(story, name):
    found = story.simulation.truth["truth"]({"table": name})["tables"][name]["writes"]
    return sum(not write["good"] for write in found)


def allow(story, *roles):
    """Let roles use the restored table."""
    statement = f'{{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "{table(story, TARGET)["TableArn"]}"}}'
    document = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    for role in roles:
        story.client("iam").put_role_policy(RoleName=role, PolicyName="recovery", PolicyDocument=document)


def test_e07_the_latest_second_has_the_damage_in_it(documented):
    """E-07: as documented everything stays damaged; restored to the second before the build nothing is."""
    assert 0 < documented.damaged - 20 < cleared(documented, TARGET)
    before = served_at(documented) - timedelta(seconds=1)
    restore(documented, "chosen", UseLatestRestorableTime=None, RestoreDateTime=before)
    assert cleared(documented, "chosen") == 0


def test_e08_the_documented_override_loses_the_customer_key(documented):
    """E-08: "Enabled=true" alone means AWS's managed key; with the key named it is kept."""
    key = table(documented, TABLE)["SSEDescription"]["KMSMasterKeyArn"]
    assert table(documented, TARGET)["SSEDescription"]["KMSMasterKeyArn"] != key
    named = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    restore(documented, "named", SSESpecificationOverride=named)
    assert table(documented, "named")["SSEDescription"]["KMSMasterKeyArn"] == key


def test_e05_the_restored_table_has_lost_its_settings(documented):
    """E-05: used as it comes, a second incident could not be undone, and anybody may delete the table."""
    dynamodb = documented.client("dynamodb")
    backups = dynamodb.describe_continuous_backups(TableName=TARGET)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
    assert dynamodb.describe_time_to_live(TableName=TARGET)["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED"
    assert not table(documented, TARGET).get("DeletionProtectionEnabled")


def test_e04_without_a_halt_the_loss_grows_while_the_table_is_restored(documented):
    """E-04: people go on saving into the table that is about to be left, and the damage goes on as well."""
    found = documented.simulation.truth["truth"]({"table": TABLE})["tables"][TABLE]["writes"]
    since = [write for write in found if datetime.fromisoformat(write["time"]) > documented.began]
    assert sum(write["good"] for write in since) > 200
    assert any(not write["good"] for write in since)


def test_e16_the_fixed_name_is_taken_at_the_second_try(documented):
    """E-16: after a drill, or a first restore to the wrong second, the documented command is refused."""
    call = documented.client("dynamodb").restore_table_to_point_in_time
    params = {"SourceTableName": TABLE, "TargetTableName": TARGET, "UseLatestRestorableTime": True}
    assert refusal(call, **params) == "TableAlreadyExistsException"


def test_e81_not_every_second_can_be_restored_to(documented):
    """E-81: the second that was just identified is usually too young."""
    call = documented.client("dynamodb").restore_table_to_point_in_time
    young = {"SourceTableName": TABLE, "TargetTableName": "young", "RestoreDateTime": documented.clock.now()}
    assert refusal(call, **young) == "InvalidRestoreTimeException"


def test_e35_the_documented_swap_ends_with_two_tables_in_use():
    """E-35: the variable alone changes nothing, the build is refused, and then the API is still with the old table."""
    story = Play("propie-data-rollback")
    restore(story, TARGET)
    amplify = story.client("amplify")
    amplify.update_branch(**SITE, environmentVariables={"DATA_TABLE_NAME": TARGET})
    story.go(30)
    assert (truth(story)["api"], truth(story)["site"]["table"]) == (TABLE, TABLE), "as long as nothing is built"
    variables = amplify.get_branch(**SITE)["branch"]["environmentVariables"]
    assert "SHOW_MORTGAGES" not in variables, "the map was replaced"
    amplify.start_job(**SITE, jobType="RETRY", jobId="2")
    story.go(10)
    assert "not authorized" in truth(story)["site"]["refused"], "the role knows the old table alone"
    allow(story, "prop-ie-production-site")
    assert (truth(story)["api"], truth(story)["site"]["table"]) == (TABLE, TARGET)


def test_e35_a_data_source_alone_is_refused_without_its_roles_permission():
    """E-35: the API's data source needs its role to know the new table."""
    story = Play("propie-data-rollback")
    restore(story, TARGET)
    appsync = story.client("appsync")
    api_id = appsync.list_graphql_apis()["graphqlApis"][0]["apiId"]
    source = appsync.list_data_sources(apiId=api_id)["dataSources"][0]
    members = {name: source[name] for name in ("name", "type", "serviceRoleArn")}
    config = {**source["dynamodbConfig"], "tableName": TARGET}
    appsync.update_data_source(apiId=api_id, **members, dynamodbConfig=config)
    assert "not authorized" in truth(story)["api"]
    allow(story, "prop-ie-production-appsync-data")
    assert truth(story)["api"] == TARGET


def test_e78_the_newest_commit_damages_the_restored_table_too():
    """E-78: a rebuild for the variable's sake takes the newest commit, which is the faulty one."""
    story = Play("propie-data-rollback")
    before = served_at(story) - timedelta(seconds=1)
    restore(story, TARGET, UseLatestRestorableTime=None, RestoreDateTime=before)
    allow(story, "prop-ie-production-site")
    amplify = story.client("amplify")
    amplify.update_branch(**SITE, environmentVariables={"DATA_TABLE_NAME": TARGET})
    amplify.start_job(**SITE, jobType="RELEASE")
    story.go(15)
    assert truth(story)["site"]["commit"] == FAULTY
    assert bad_writes(story, TARGET) > 0
