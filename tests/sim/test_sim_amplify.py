"""Amplify: builds take time, and variables take effect when something is built."""

import pytest

from cockpit.sim.amplify_api import AmplifyApi
from cockpit.sim.amplify_model import AmplifyModel

BUILT_WITHIN = 240  # seconds of a build, its queue included


class Site:
    """An app with a production branch that has been built once."""

    def __init__(self, stage):
        self.stage, self.client = stage, stage.client("amplify")
        variables = {"TABLE_NAME": "old", "OTHER": "kept"}
        self.app_id = self.client.create_app(
            name="shop", repository="https://example.com/shop.git", environmentVariables=variables
        )["app"]["appId"]
        self.where = {"appId": self.app_id, "branchName": "production"}
        self.client.create_branch(**self.where, stage="PRODUCTION")
        self.release("aaa")
        stage.go(BUILT_WITHIN)

    def release(self, commit, **params):
        return self.client.start_job(**self.where, jobType="RELEASE", commitId=commit, **params)["jobSummary"]["jobId"]

    def job(self, job_id):
        return self.client.get_job(**self.where, jobId=job_id)["job"]["summary"]

    def live(self):
        """Return commit and variables of what is served."""
        job = self.stage.simulation.parts[AmplifyModel].app("us-east-1", self.app_id).branch("production").live
        return job.commit.commit_id, job.environment


@pytest.fixture
def site(stage):
    return Site(stage)


def test_a_build_takes_its_time(site, stage):
    """A job that is done at once would teach nothing about waiting for it."""
    job_id = site.release("bbb", commitMessage="Second")
    seen = []
    for _ in range(BUILT_WITHIN // 10):
        seen.append(site.job(job_id)["status"])
        stage.go(10)
    assert list(dict.fromkeys(seen)) == ["PENDING", "PROVISIONING", "RUNNING", "SUCCEED"]
    assert site.live()[0] == "bbb"
    assert site.client.get_branch(**site.where)["branch"]["activeJobId"] == job_id


def test_variables_take_effect_at_the_next_build(site, stage):
    """E-35: changed variables alone change nothing that is served; a rebuild of the same commit does."""
    site.client.update_branch(**site.where, environmentVariables={"TABLE_NAME": "new"})
    stage.go(3600)
    assert site.live() == ("aaa", {"TABLE_NAME": "old", "OTHER": "kept"})
    site.client.start_job(**site.where, jobType="RETRY", jobId="1")
    stage.go(BUILT_WITHIN)
    assert site.live() == ("aaa", {"TABLE_NAME": "new", "OTHER": "kept"})


def test_a_map_of_variables_replaces_the_whole_map(site, stage):
    """E-35: whoever sends one variable alone loses the others."""
    site.client.update_app(appId=site.app_id, environmentVariables={"TABLE_NAME": "new"})
    assert site.client.get_app(appId=site.app_id)["app"]["environmentVariables"] == {"TABLE_NAME": "new"}


def test_a_retry_builds_the_old_commit_again(site, stage):
    """Going back to a commit is a retry of its job; a release always takes the newest."""
    site.release("bbb")
    stage.go(BUILT_WITHIN)
    site.client.start_job(**site.where, jobType="RETRY", jobId="1")
    stage.go(BUILT_WITHIN)
    assert site.live()[0] == "aaa"
    site.client.start_job(**site.where, jobType="RELEASE")
    stage.go(BUILT_WITHIN)
    assert site.live()[0] == "bbb"
    jobs = site.client.list_jobs(**site.where)["jobSummaries"]
    assert [(job["jobId"], job["jobType"], job["commitId"]) for job in jobs] == [
        ("4", "RELEASE", "bbb"),
        ("3", "RETRY", "aaa"),
        ("2", "RELEASE", "bbb"),
        ("1", "RELEASE", "aaa"),
    ]


def test_jobs_of_a_branch_wait_for_each_other(site, stage):
    """Two jobs at once would leave it to chance which result is served."""
    first, second = site.release("bbb"), site.release("ccc")
    stage.go(BUILT_WITHIN)
    assert (site.job(first)["status"], site.job(second)["status"]) == ("SUCCEED", "RUNNING")
    stage.go(BUILT_WITHIN)
    assert site.live()[0] == "ccc"


def test_a_job_can_be_stopped(site, stage):
    """A cancelled job is never served, and cannot be cancelled twice."""
    job_id = site.release("bbb")
    stage.go(60)
    site.client.stop_job(**site.where, jobId=job_id)
    stage.go(BUILT_WITHIN)
    assert (site.job(job_id)["status"], site.live()[0]) == ("CANCELLED", "aaa")
    assert stage.refusal("amplify", "stop_job", **site.where, jobId=job_id) == "BadRequestException"


def test_an_old_job_cannot_be_deployed_by_hand(site, stage):
    """E-27: the documented command is for apps without a repository."""
    code = stage.refusal("amplify", "start_deployment", **site.where, jobId="1")
    assert code == "BadRequestException"
    assert stage.refusal("amplify", "create_deployment", **site.where) == "BadRequestException"


def test_a_changed_domain_has_only_the_sub_domains_given(site, stage):
    """E-30: a sub-domain that is not sent again is gone; while a change goes on there is no other."""
    both = [{"prefix": "", "branchName": "production"}, {"prefix": "www", "branchName": "production"}]
    where = {"appId": site.app_id, "domainName": "example.com"}
    site.client.create_domain_association(**where, subDomainSettings=both)
    assert stage.refusal("amplify", "update_domain_association", **where, subDomainSettings=both)
    stage.go(600)
    site.client.update_domain_association(**where, subDomainSettings=both[:1])
    domain = site.client.get_domain_association(**where)["domainAssociation"]
    assert (domain["domainStatus"], len(domain["subDomains"])) == ("UPDATING", 1)
    stage.go(600)
    assert site.client.get_domain_association(**where)["domainAssociation"]["domainStatus"] == "AVAILABLE"


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("get_branch", {"branchName": "none"}, "NotFoundException"),
        ("get_job", {"jobId": "9"}, "NotFoundException"),
        ("start_job", {"jobType": "RETRY"}, "BadRequestException"),
        ("start_job", {"jobType": "RETRY", "jobId": "9"}, "NotFoundException"),
        ("start_job", {"jobType": "MANUAL"}, "NotSimulated"),
        ("create_branch", {}, "BadRequestException"),
        ("delete_branch", {}, "NotSimulated"),
    ],
    ids=lambda value: value if isinstance(value, str) else "with",
)
def test_what_does_not_fit_is_refused(site, stage, method, params, code):
    """A job that never existed, and what is not simulated, must not pass for done."""
    assert stage.refusal("amplify", method, **{**site.where, **params}) == code


def test_every_answer_was_held_against_aws(site, stage):
    """An operation whose answer no test holds against AWS's shape would be trusted blindly."""
    client = site.client
    client.get_app(appId=site.app_id)
    client.list_apps()
    client.update_app(appId=site.app_id, description="shop")
    client.get_branch(**site.where)
    client.list_branches(appId=site.app_id)
    client.update_branch(**site.where, enableAutoBuild=False)
    client.list_jobs(**site.where)
    client.stop_job(**site.where, jobId=site.release("bbb"))
    site.job("1")
    where = {"appId": site.app_id, "domainName": "example.com"}
    client.create_domain_association(**where, subDomainSettings=[{"prefix": "", "branchName": "production"}])
    stage.go(600)
    client.get_domain_association(**where)
    client.list_domain_associations(appId=site.app_id)
    client.update_domain_association(**where, enableAutoSubDomain=False)
    refused = {"CreateDeployment", "StartDeployment"}
    assert client.called == set(AmplifyApi(None, None).handlers()) - refused
