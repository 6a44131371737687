"""The read list: the only operations that may be sent without a permit.

It is written out, not derived from names: ``Get…`` and ``Describe…`` are habits, not promises. What is not on it is
refused, whoever calls. A test holds every entry against its IAM access level (Read or List).

Left out on purpose, although they only read: secrets (`secretsmanager:GetSecretValue`), anything that takes what it
reads away (`sqs:ReceiveMessage`), and `sts:AssumeRole*`, which only the credential chain may use. Parameters of Systems
Manager may be read, but not decrypted.
"""

from __future__ import annotations

from typing import Any

READ_LIST: dict[str, frozenset[str]] = {
    "acm": frozenset({"DescribeCertificate", "ListCertificates"}),
    "amplify": frozenset(
        {
            "GetApp",
            "GetBranch",
            "GetDomainAssociation",
            "GetJob",
            "ListApps",
            "ListBranches",
            "ListDomainAssociations",
            "ListJobs",
        }
    ),
    "apigatewayv2": frozenset({"GetApi", "GetApis"}),
    "application-autoscaling": frozenset(
        {
            "DescribeScalableTargets",
            "DescribeScalingActivities",
            "DescribeScalingPolicies",
            "DescribeScheduledActions",
            "ListTagsForResource",
        }
    ),
    "appconfig": frozenset(
        {
            "GetApplication",
            "GetConfigurationProfile",
            "GetDeployment",
            "GetDeploymentStrategy",
            "GetEnvironment",
            "GetHostedConfigurationVersion",
            "ListApplications",
            "ListConfigurationProfiles",
            "ListDeploymentStrategies",
            "ListDeployments",
            "ListEnvironments",
            "ListHostedConfigurationVersions",
            "ListTagsForResource",
        }
    ),
    "appsync": frozenset(
        {
            "GetDataSource",
            "GetGraphqlApi",
            "GetResolver",
            "ListDataSources",
            "ListGraphqlApis",
            "ListResolvers",
        }
    ),
    "backup": frozenset(
        {
            "DescribeBackupVault",
            "DescribeRecoveryPoint",
            "DescribeRestoreJob",
            "GetRecoveryPointRestoreMetadata",
            "ListRecoveryPointsByBackupVault",
        }
    ),
    "cloudformation": frozenset(
        {
            "DescribeChangeSet",
            "DescribeStackEvents",
            "DescribeStackResources",
            "DescribeStacks",
            "GetTemplate",
            "GetTemplateSummary",
            "ListChangeSets",
            "ListStackResources",
        }
    ),
    "cloudfront": frozenset({"GetDistribution", "GetInvalidation", "ListInvalidations"}),
    "cloudwatch": frozenset(
        {
            "DescribeAlarmHistory",
            "DescribeAlarms",
            "DescribeAlarmsForMetric",
            "GetMetricData",
            "GetMetricStatistics",
            "ListMetrics",
            "ListTagsForResource",
        }
    ),
    "codedeploy": frozenset(
        {
            "BatchGetApplicationRevisions",
            "BatchGetApplications",
            "BatchGetDeploymentGroups",
            "BatchGetDeploymentTargets",
            "BatchGetDeployments",
            "GetApplication",
            "GetApplicationRevision",
            "GetDeployment",
            "GetDeploymentConfig",
            "GetDeploymentGroup",
            "GetDeploymentTarget",
            "ListApplicationRevisions",
            "ListApplications",
            "ListDeploymentConfigs",
            "ListDeploymentGroups",
            "ListDeploymentTargets",
            "ListDeployments",
            "ListTagsForResource",
        }
    ),
    "dynamodb": frozenset(
        {
            "BatchGetItem",
            "DescribeBackup",
            "DescribeContinuousBackups",
            "DescribeContributorInsights",
            "DescribeExport",
            "DescribeImport",
            "DescribeKinesisStreamingDestination",
            "DescribeLimits",
            "DescribeTable",
            "DescribeTableReplicaAutoScaling",
            "DescribeTimeToLive",
            "GetItem",
            "GetResourcePolicy",
            "ListBackups",
            "ListContributorInsights",
            "ListExports",
            "ListImports",
            "ListTables",
            "ListTagsOfResource",
            "Query",
            "Scan",
        }
    ),
    "ecr": frozenset({"DescribeImages", "DescribeRepositories"}),
    "ecs": frozenset(
        {
            "DescribeClusters",
            "DescribeServiceDeployments",
            "DescribeServiceRevisions",
            "DescribeServices",
            "DescribeTaskDefinition",
            "DescribeTaskSets",
            "DescribeTasks",
            "ListClusters",
            "ListServiceDeployments",
            "ListServices",
            "ListTagsForResource",
            "ListTaskDefinitionFamilies",
            "ListTaskDefinitions",
            "ListTasks",
        }
    ),
    "elbv2": frozenset(
        {
            "DescribeListeners",
            "DescribeLoadBalancers",
            "DescribeRules",
            "DescribeTags",
            "DescribeTargetGroups",
            "DescribeTargetHealth",
        }
    ),
    "iam": frozenset(
        {"GetContextKeysForPrincipalPolicy", "GetRole", "GetRolePolicy", "GetUser", "SimulatePrincipalPolicy"}
    ),
    "lambda": frozenset(
        {
            "GetAlias",
            "GetFunctionConcurrency",
            "GetFunctionConfiguration",
            "GetPolicy",
            "GetProvisionedConcurrencyConfig",
            "ListAliases",
            "ListFunctions",
            "ListVersionsByFunction",
        }
    ),
    "logs": frozenset(
        {
            "DescribeLogGroups",
            "DescribeLogStreams",
            "DescribeQueries",
            "FilterLogEvents",
            "GetLogEvents",
            "GetQueryResults",
            "StartQuery",
        }
    ),
    "rds": frozenset(
        {
            "DescribeDBClusterParameterGroups",
            "DescribeDBClusters",
            "DescribeDBInstances",
            "DescribeDBParameterGroups",
            "DescribeDBSubnetGroups",
            "DescribeEvents",
            "ListTagsForResource",
        }
    ),
    "route53": frozenset(
        {
            "GetChange",
            "GetHealthCheck",
            "GetHealthCheckStatus",
            "GetHostedZone",
            "ListHostedZonesByName",
            "ListResourceRecordSets",
            "TestDNSAnswer",
        }
    ),
    "s3": frozenset({"GetBucketVersioning", "GetObject", "HeadObject", "ListObjectVersions", "ListObjectsV2"}),
    "secretsmanager": frozenset({"DescribeSecret", "ListSecretVersionIds", "ListSecrets"}),
    "service-quotas": frozenset({"GetServiceQuota"}),
    "sns": frozenset({"GetTopicAttributes", "ListSubscriptionsByTopic", "ListTagsForResource", "ListTopics"}),
    "sqs": frozenset({"GetQueueAttributes", "GetQueueUrl", "ListQueueTags", "ListQueues"}),
    "ssm": frozenset({"DescribeParameters", "GetParameter", "GetParameterHistory"}),
    "sts": frozenset({"GetCallerIdentity"}),
}
"""Service name as botocore spells it, to operations."""

REVEALING = {
    ("ssm", "GetParameter"): frozenset({"WithDecryption"}),
    ("ssm", "GetParameterHistory"): frozenset({"WithDecryption"}),
}
"""Parameters with which a read would give a secret in clear: with them it is refused like everything else."""

CREDENTIAL_CALLS = frozenset(
    {
        ("sts", "AssumeRole"),
        ("sts", "AssumeRoleWithSAML"),
        ("sts", "AssumeRoleWithWebIdentity"),
        ("sso", "GetRoleCredentials"),
        ("sso-oidc", "CreateToken"),
        ("signin", "CreateOAuth2Token"),
    }
)
"""What botocore's own credential chain sends to sign in (profiles, SSO); the gateway's methods never send them."""

WATCH_CALLS: dict[str, tuple[str, ...]] = {
    "cloudwatch": ("DescribeAlarmHistory", "DescribeAlarms", "GetMetricData"),
    "codedeploy": (
        "BatchGetDeploymentTargets",
        "BatchGetDeployments",
        "GetApplicationRevision",
        "GetDeployment",
        "ListDeploymentTargets",
        "ListDeployments",
    ),
    "dynamodb": ("DescribeContinuousBackups", "DescribeTable", "ListTables"),
    "sts": ("GetCallerIdentity",),
}
"""What the feeds send: the watch screen, its details and `cockpit status` need no more than this."""


def is_read(service: str, operation: str) -> bool:
    """Tell whether an operation may be sent without a permit."""
    return operation in READ_LIST.get(service, frozenset())


def watch_policy() -> dict[str, Any]:
    """Return the exact IAM policy that watching needs. IAM knows these operations by botocore's names.

    BatchGetDeploymentTargets and ListDeploymentTargets have IAM actions of the same name; `GetCallerIdentity` needs no
    permission at all and is listed for the reader.
    """
    actions = [f"{service}:{operation}" for service, operations in WATCH_CALLS.items() for operation in operations]
    statement = {"Sid": "CockpitWatch", "Effect": "Allow", "Action": actions, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}
