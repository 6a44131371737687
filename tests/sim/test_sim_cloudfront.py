"""Simulated S3 and CloudFront: what lies in the bucket, and what visitors get."""

import urllib.error
import urllib.request

import pytest
from stage import Stage

from cockpit.sim.server import listen_beside

SITE = "pfavanguard-frontend"
FORWARD = {"ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}, "MinTTL": 0}
PLAIN = {"S3OriginConfig": {"OriginAccessIdentity": ""}}


@pytest.fixture
def site(stage: Stage):
    """A versioned bucket with one page, and a distribution over it; gives (distribution id, visitor)."""
    stage.simulation.listen = listen_beside
    s3, cloudfront = stage.client("s3"), stage.client("cloudfront")
    s3.create_bucket(Bucket=SITE)
    s3.put_bucket_versioning(Bucket=SITE, VersioningConfiguration={"Status": "Enabled"})
    config = {
        "CallerReference": "site",
        "Comment": "",
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "Origins": {"Quantity": 1, "Items": [{"Id": "s3", "DomainName": f"{SITE}.s3.amazonaws.com", **PLAIN}]},
        "DefaultCacheBehavior": {"TargetOriginId": "s3", "ViewerProtocolPolicy": "allow-all", **FORWARD},
    }
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    s3.put_object(Bucket=SITE, Key="index.html", Body=b"one", ContentType="text/html")
    return made["Id"], lambda path="/": visit(made["DomainName"], path)


def visit(address: str, path: str) -> tuple[int, str, str]:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], ""


def batch(*paths: str, reference: str = "a") -> dict[str, object]:
    return {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": reference}


def status(stage: Stage, distribution: str, invalidation: str) -> str:
    answer = stage.client("cloudfront").get_invalidation(DistributionId=distribution, Id=invalidation)
    return str(answer["Invalidation"]["Status"])


def test_visitors_see_the_old_page_until_the_invalidation_is_completed(stage, site):
    """A plan that does not wait for it would look at the old page, or find the new one by luck (E-54)."""
    distribution, visitor = site
    cloudfront, s3 = stage.client("cloudfront"), stage.client("s3")
    s3.put_object(Bucket=SITE, Key="index.html", Body=b"two", ContentType="text/html")
    assert visitor() == (200, "text/html", "one")
    made = cloudfront.create_invalidation(DistributionId=distribution, InvalidationBatch=batch("/*"))["Invalidation"]
    again = cloudfront.create_invalidation(DistributionId=distribution, InvalidationBatch=batch("/*"))["Invalidation"]
    assert (made["Status"], again["Id"]) == ("InProgress", made["Id"])
    stage.go(30)
    assert status(stage, distribution, made["Id"]) == "InProgress"
    assert visitor()[2] == "one"
    stage.go(90)
    assert status(stage, distribution, made["Id"]) == "Completed"
    assert visitor()[2] == "two"
    listed = cloudfront.list_invalidations(DistributionId=distribution)["InvalidationList"]
    assert [each["Status"] for each in listed["Items"]] == ["Completed"]


def test_a_deleted_page_is_gone_once_nothing_keeps_it(stage, site):
    """The simulator would hide that an emptied bucket takes the site away (E-54)."""
    distribution, visitor = site
    stage.client("s3").delete_object(Bucket=SITE, Key="index.html")
    assert visitor()[0] == 200
    stage.client("cloudfront").create_invalidation(DistributionId=distribution, InvalidationBatch=batch("/*"))
    stage.go(120)
    assert visitor()[:2] == (403, "application/xml")
    versions = stage.client("s3").list_object_versions(Bucket=SITE)
    assert [len(versions["Versions"]), len(versions["DeleteMarkers"])] == [1, 1]


def test_what_cloudfront_refuses_is_refused(stage, site):
    """A plan could pass here and be refused by AWS."""
    distribution, _ = site
    refused = stage.refusal
    make = {"DistributionId": distribution, "InvalidationBatch": batch("/*")}
    stage.client("cloudfront").create_invalidation(**make)
    other = {**make, "InvalidationBatch": batch("/index.html")}
    assert refused("cloudfront", "create_invalidation", **other) == "InvalidationBatchAlreadyExists"
    wrong = {**make, "InvalidationBatch": {"Paths": {"Quantity": 2, "Items": ["/*"]}, "CallerReference": "b"}}
    assert refused("cloudfront", "create_invalidation", **wrong) == "InconsistentQuantities"
    assert refused("cloudfront", "create_invalidation", **{**make, "DistributionId": "ENONE"}) == "NoSuchDistribution"
    assert refused("cloudfront", "get_invalidation", DistributionId=distribution, Id="INONE") == "NoSuchInvalidation"


def test_objects_carry_the_storys_time(stage, site):
    """Backups could not be told from before and after a corruption."""
    s3 = stage.client("s3")
    stage.go(3600)
    s3.put_object(Bucket=SITE, Key="late.sql", Body=b"--")
    listed = {each["Key"]: each for each in s3.list_objects_v2(Bucket=SITE)["Contents"]}
    assert (listed["late.sql"]["LastModified"] - listed["index.html"]["LastModified"]).total_seconds() == 3600
    head = s3.head_object(Bucket=SITE, Key="late.sql")
    assert (head["LastModified"], head["ContentLength"]) == (listed["late.sql"]["LastModified"], 2)
