"""PropIE in the simulator: what goes on in it is the same for the same seed, and wrong only where the story says so."""

from support.play import Play

TABLE = "prop-ie-production-data"


def writes(story):
    return story.simulation.truth["truth"]({"table": TABLE})["tables"][TABLE]["writes"]


def test_the_same_seed_tells_the_same_story():
    """A drill that differs from the one before cannot be compared with it."""
    first, second = writes(Play("propie-data-rollback")), writes(Play("propie-data-rollback"))
    assert len(first) > 1000
    assert first == second


def test_only_the_faulty_build_damages_properties():
    """Bad writes before the release, or by agents, would make every restore point wrong."""
    story = Play("propie-data-rollback")
    job = story.client("amplify").list_jobs(appId="dvr67866lzlo17", branchName="production")["jobSummaries"][0]
    served = job["endTime"].isoformat()
    bad = [write for write in writes(story) if not write["good"]]
    assert {write["writer"] for write in bad} == {f"site/{job['commitId'][:7]}"}
    assert min(write["time"] for write in bad) > served
    good = {write["writer"] for write in writes(story) if write["good"] and write["time"] > served}
    assert good == {"appsync/updateProperty", f"site/{job['commitId'][:7]}"}
