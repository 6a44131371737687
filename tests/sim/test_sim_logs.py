"""CloudWatch Logs: filters and queries; what is not understood is refused, never answered differently."""

import pytest

from cockpit.sim.log_writer import LogWriter

GROUP = "/syncwell/worker"


@pytest.fixture
def logs(stage):
    """A log group with three lines, a minute apart."""
    writer = LogWriter(stage.simulation.world)
    for stream, line in (
        ("a", "WARN CONFIG_OVERWRITTEN user=1"),
        ("b", "INFO fine"),
        ("a", "WARN CONFIG_OVERWRITTEN user=2"),
    ):
        writer.write("us-east-1", GROUP, stream, line)
        stage.go(60)
    return stage.client("logs")


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("", 3), ("CONFIG_OVERWRITTEN", 2), ('"CONFIG_OVERWRITTEN user=1"', 1), ("WARN user=2", 1), ("nothing", 0)],
)
def test_a_pattern_keeps_lines_with_all_its_words(logs, pattern, count):
    """Evidence would be missing, or of something else."""
    events = logs.filter_log_events(logGroupName=GROUP, filterPattern=pattern)["events"]
    assert len(events) == count
    assert events == sorted(events, key=lambda event: event["timestamp"])


def test_events_come_in_pages_within_their_time(stage, logs):
    """The onset would be looked for in the first page only, or at the wrong time."""
    first = logs.filter_log_events(logGroupName=GROUP, limit=2)
    rest = logs.filter_log_events(logGroupName=GROUP, limit=2, nextToken=first["nextToken"])
    assert [event["message"][-1] for event in first["events"] + rest["events"]] == ["1", "e", "2"]
    assert "nextToken" not in rest
    since = int((stage.clock.now().timestamp() - 90) * 1000)
    assert len(logs.filter_log_events(logGroupName=GROUP, startTime=since)["events"]) == 1


def ask(stage, logs, query):
    now = int(stage.clock.now().timestamp())
    started = logs.start_query(logGroupName=GROUP, startTime=now - 3600, endTime=now, queryString=query)
    stage.go(5)
    return logs.get_query_results(queryId=started["queryId"])


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("fields @timestamp, @message | sort @timestamp asc | limit 1", ["1"]),
        ("fields @message | filter @message like /overwritten/i | sort @timestamp desc", ["2", "1"]),
        ('fields @message | filter @message not like "OVERWRITTEN"', ["e"]),
        ("fields @message | filter @message like /user=(1|2)/ | sort @timestamp asc", ["1", "2"]),
    ],
)
def test_queries_filter_sort_and_limit(stage, logs, query, messages):
    """The first trace of the damage would not be the first."""
    answer = ask(stage, logs, query)
    rows = [{field["field"]: field["value"] for field in row} for row in answer["results"]]
    assert [row["@message"][-1] for row in rows] == messages
    assert answer["statistics"]["recordsScanned"] == 3


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("filter_log_events", {"logGroupName": GROUP, "filterPattern": "{ $.level = WARN }"}),
        ("filter_log_events", {"logGroupName": GROUP, "filterPattern": "?WARN ?INFO"}),
        ("start_query", {"logGroupName": GROUP, "startTime": 0, "endTime": 1, "queryString": "stats count(*)"}),
        ("start_query", {"logGroupName": GROUP, "startTime": 0, "endTime": 1, "queryString": "fields @message, level"}),
    ],
)
def test_what_is_not_understood_is_refused(stage, logs, method, params):
    """An answer to another question would be taken for evidence."""
    assert stage.refusal("logs", method, **params) == "NotSimulated"


def test_an_unknown_group_is_an_error_of_its_own(stage):
    """A wrong name in cockpit.toml would look like an empty log."""
    assert stage.refusal("logs", "filter_log_events", logGroupName="/none") == "ResourceNotFoundException"
