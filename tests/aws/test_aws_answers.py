"""Answers as JSON values, and what is no answer."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from cockpit.aws.answers import NotAnAnswer, check_is_answer, check_is_whole, quick_time, to_answer


def test_times_bytes_and_metadata():
    """Plans see ISO times in UTC and base64 text; the metadata is not theirs."""
    paris = timezone(timedelta(hours=1))
    raw = {
        "at": datetime(2026, 1, 31, 4, 0, tzinfo=paris),
        "blob": b"\x00\xff",
        "list": [{"n": 1.5, "flag": True, "none": None}],
        "ResponseMetadata": {"RequestId": "abc"},
    }
    answer = to_answer(raw)
    assert answer.request_id == "abc"
    assert answer.body == {
        "at": "2026-01-31T03:00:00+00:00",
        "blob": "AP8=",
        "list": [{"n": 1.5, "flag": True, "none": None}],
    }


def test_quick_time_reads_what_services_send():
    """Epoch seconds and ISO text mean the same moment."""
    assert quick_time(1769828400) == datetime(2026, 1, 31, 3, tzinfo=UTC)
    assert quick_time("2026-01-31T03:00:00Z") == datetime(2026, 1, 31, 3, tzinfo=UTC)


def _model(protocol="json"):
    shape = SimpleNamespace(members={"MetricAlarms": 1}, serialization={})
    service = SimpleNamespace(resolved_protocol=protocol)
    return SimpleNamespace(service_model=service, output_shape=shape, http={})


@pytest.mark.parametrize("body", [b"", b"<html>sign in</html>", b'{"MetricAlarms": [', b'{"MetricAlarms": [}', b"null"])
def test_what_is_no_answer_is_refused(body):
    """Botocore reads all of these as "no alarms"."""
    with pytest.raises(NotAnAnswer):
        check_is_answer(_model(), {"status_code": 200, "body": body})


def test_answers_and_errors_pass():
    """Real answers are left to botocore, and so are error answers and XML."""
    check_is_answer(_model(), {"status_code": 200, "body": b' {"MetricAlarms": []}\n'})
    check_is_answer(_model(), {"status_code": 503, "body": b"<html>"})
    check_is_answer(_model("query"), {"status_code": 200, "body": b"<xml/>"})


@pytest.mark.parametrize("status", ["InternalError", "Forbidden"])
def test_a_metric_that_could_not_be_read_is_no_metric_without_data(status):
    """An empty list for a metric that CloudWatch failed to read would prove that nothing writes any more."""
    read = {"Id": "m0", "StatusCode": "Complete", "Values": []}
    with pytest.raises(NotAnAnswer, match=f"{status} for the metric m1"):
        check_is_whole("GetMetricData", {"MetricDataResults": [read, {**read, "Id": "m1", "StatusCode": status}]})
    check_is_whole("GetMetricData", {"MetricDataResults": [read, {**read, "StatusCode": "PartialData"}]})
