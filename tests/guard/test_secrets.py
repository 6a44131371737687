"""Secrets never reach journal, log, screen, report or the list of processes."""

import json
import os
import sys
from pathlib import Path

import pytest

from cockpit.aws.read_list import is_read
from cockpit.engine import commands as c
from cockpit.engine.journal_reading import JOURNAL
from cockpit.engine.prompts import ChecklistPrompt
from cockpit.engine.secrets import NOT_KEPT, secrets_in, without_secrets, words_without_secrets
from cockpit.sim.process import start_simulator
from support.engine_rig import CONFIRM, TROUBLE, Rig, answer, ended, make_plan, prompt_of
from support.halting_plan import Workers, halting_plan
from support.line_operator import LineOperator
from support.place import Place

SECRET, TOKEN = "K9secretKEYmarker7xQ", "T4sessionTOKENmarker2zP"
KEY_ID = "AKIAMARKERMARKER1234"


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path / "runs")
    yield made
    made.close()


def everything_in(folder):
    return b"\n".join(path.read_bytes() for path in Path(folder).rglob("*") if path.is_file())


def processes():
    """Return the arguments of every process of this machine, as `ps` shows them to anybody."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes())
        except OSError:
            continue
    return b"\n".join(found)


@pytest.mark.simulator
def test_credentials_appear_nowhere(tmp_path):
    """Keys or session tokens would be left in a file, be shown on a shared screen, or in the list of processes."""
    seen = []
    with start_simulator("syncwell-bad-release", 240) as simulator:
        Workers(simulator).put_back()
        place = Place(tmp_path, simulator, "syncwell-bad-release")
        keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}
        place.environ |= keys

        def look(_recent):
            seen.append(processes())
            return "yes"

        words = ["run", str(halting_plan(tmp_path)), "--env", "rehearsal"]
        run = LineOperator(words, place.environ, tmp_path, [(r"\? Type yes to send it", look)])
        assert run.run(60) == 0, run.tail()
        (journal,) = place.state_folder.rglob(JOURNAL)
        shown = list(run.transcript)
        for more in (["runs", "show", journal.parent.name, "--journal"], ["status", "--env", "rehearsal"]):
            program = LineOperator(more, place.environ, tmp_path)
            program.run(60)
            shown += program.transcript
        assert b"cockpit" in seen[0]
        for marker in (SECRET, TOKEN):
            assert marker not in "\n".join(shown)
            assert marker.encode() not in everything_in(tmp_path)
            assert marker.encode() not in b"\n".join(seen)
        assert b"Authorization" not in everything_in(place.state_folder)


@pytest.mark.parametrize(
    ("call", "params", "named"),
    [
        ("secretsmanager:PutSecretValue", {"SecretId": "db", "SecretString": SECRET}, "SecretString"),
        ("ssm:PutParameter", {"Name": "x", "Value": SECRET, "Type": "SecureString"}, "Value"),
        ("rds:ModifyDBCluster", {"DBClusterIdentifier": "x", "MasterUserPassword": SECRET}, "MasterUserPassword"),
    ],
)
def test_call_that_carries_a_secret_is_refused_before_anything_is_written(rig, call, params, named):
    """A plan would put a password into the journal for ever, and onto the screen of everybody who watches."""
    step = {"id": "put", "effect": "mutate", "aws": {"call": call, "params": params}}
    step["aws"]["params"] = {**params, named: "{{ inputs.table }}"}
    run = rig.start(make_plan(step), table=SECRET[:4] + "-public")
    trouble = prompt_of(run, TROUBLE)
    assert named in trouble.message
    assert "Nothing was sent" in trouble.message
    assert not rig.port.mutations
    assert not [entry for entry in run.entries() if entry.record.kind == "intent"]


def test_secrets_in_an_answer_are_not_kept(rig):
    """A new password that AWS answers with would be captured into the journal."""
    rig.port.changes["iam:CreateAccessKey"] = lambda _: {
        "AccessKey": {"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET, "Old": [{"SessionToken": TOKEN}]}
    }
    make = {
        "call": "iam:CreateAccessKey",
        "params": {"UserName": "x"},
        "capture": {"id": "answer.AccessKey.AccessKeyId", "all": "answer"},
    }
    run = rig.start(make_plan({"id": "make", "effect": "mutate", "aws": make}))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    captured = ended(run).steps["make"].captured
    assert captured["id"] == KEY_ID
    assert captured["all"]["AccessKey"]["SecretAccessKey"] == NOT_KEPT
    assert SECRET.encode() not in everything_in(rig.folder)
    assert TOKEN.encode() not in everything_in(rig.folder)


@pytest.mark.parametrize(
    "call",
    [
        "secretsmanager:GetSecretValue",
        "secretsmanager:BatchGetSecretValue",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
        "kms:Decrypt",
        "ecr:GetAuthorizationToken",
        "sts:GetSessionToken",
        "sts:AssumeRole",
        "rds:DownloadDBLogFilePortion",
        "lambda:GetFunction",
    ],
)
def test_reads_that_answer_with_secrets_are_not_on_the_read_list(call):
    """A pane or a probe could show a secret."""
    assert not is_read(*call.split(":"))


def test_secret_members_are_found_at_any_depth():
    """A secret would pass because it is nested, in a list, or written in another case."""
    assert secrets_in({"a": [{"b": {"masterUserPassword": "x"}}], "SecretString": "y"}) == (
        "SecretString",
        "masterUserPassword",
    )
    assert secrets_in({"Type": "String", "Value": "x"}) == ()
    hidden = without_secrets({"Parameter": {"Type": "SecureString", "Value": SECRET}, "Items": [{"Password": SECRET}]})
    assert SECRET not in json.dumps(hidden)


PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n-----END RSA PRIVATE KEY-----"
SURE = [
    PEM,
    PEM[:40],
    "ghp_" + "a1B2" * 9,
    "xoxb-123456789012-abcDEF",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
]
LOOKS_LIKE = [
    ("postgres://app:", "hunter2", "@db:5432/x"),
    ("DB_PASSWORD=", "Tr0ub4dor", ""),
    ("api-key: ", "k9x8c7v6", ""),
]
ORDINARY = [
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf",
    "secret: replicated",
    "https://status.example.org:8443/a@b",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "The security token included in the request is expired",
    "-----BEGIN CERTIFICATE-----",
    "no password was given: sign in again",
]


@pytest.mark.parametrize("secret", SURE)
def test_secrets_are_known_by_their_form_wherever_they_stand(secret):
    """A key under a harmless name (an item, a document, a note) would be in the journal for ever."""
    marker = secret[-8:]
    assert marker not in str(without_secrets({"Items": [{"note": f"use {secret} for it"}]}))
    assert secrets_in({"Tags": [{"Value": f"x {secret}"}]}) == ("Value",)
    assert marker not in words_without_secrets(f"use {secret} for it")


@pytest.mark.parametrize(("before", "secret", "after"), LOOKS_LIKE)
def test_words_lose_also_what_looks_like_a_secret(before, secret, after):
    """A password in an error message or a note would be shown to everybody who reads the run."""
    assert words_without_secrets(f"see {before}{secret}{after}") == f"see {before}{NOT_KEPT}{after}"
    value = {"Environment": f"{before}{secret}{after}"}
    assert without_secrets(value) == value, "a value that a later call needs would be changed for looking like one"


@pytest.mark.parametrize("words", ORDINARY)
def test_ordinary_words_stay(words):
    """What the operator has to read would be hidden."""
    assert words_without_secrets(words) == words
    assert without_secrets(words) == words
    assert not secrets_in({"x": words})


def test_no_record_keeps_a_secret_that_can_be_told(rig):
    """Notes, inputs, answers and readings would carry it past the checks of calls."""
    token, password = SURE[2], "S3cretPassw0rd"
    run = rig.start(make_plan({"id": "look", "checklist": {"items": [{"id": "seen", "text": "Seen?"}]}}), table=token)
    run.send(c.Note(f"the password={password}, the token {token}"))
    prompt_of(run, ChecklistPrompt)
    answer(run, c.TickOff, items={"seen": f"not yet: {token}"})
    state = ended(run)
    assert state.inputs["table"] == NOT_KEPT
    for secret in (token, password):
        assert secret.encode() not in everything_in(rig.folder)
        assert secret not in str(run.entries())


def test_what_was_not_kept_is_never_sent(rig):
    """The words that stand for a secret would be written into a configuration instead of it."""
    rig.port.reads["ecs:DescribeServices"] = lambda _: {"services": [{"note": SURE[2]}]}
    read = {"call": "ecs:DescribeServices", "params": {}, "capture": {"note": "answer.services[0].note"}}
    write = {"call": "ecs:UpdateService", "params": {"cluster": "{{ steps.read.note }}"}}
    run = rig.start(make_plan({"id": "read", "aws": read}, {"id": "write", "effect": "mutate", "aws": write}))
    assert "carries a secret (cluster)" in prompt_of(run, TROUBLE).message
    assert not rig.port.mutations


ARGUMENTS = [
    "; reboot",
    "$(reboot)",
    "`id`",
    "a b  c",
    "'\"",
    "*",
    "~",
    "&& x",
    "\\",
    "|",
    "> /tmp/x",
    "é\u202e",
    "a\nb",
]


def test_values_reach_a_program_as_whole_words(rig, tmp_path):
    """A value would become several words, or be run by a shell."""
    code = "import json, sys; print(json.dumps(sys.argv[1:]))"
    inputs = {f"v{number}": {"title": "x", "default": value} for number, value in enumerate(ARGUMENTS)}
    words = [f"{{{{ inputs.{name} }}}}" for name in inputs]
    shell = {
        "argv": [sys.executable, "-c", code, *words, "--table={{ inputs.v0 }}"],
        "cwd": str(tmp_path),
        "timeout": "PT1M",
        "capture_output": True,
    }
    state = ended(rig.start(make_plan({"id": "show", "shell": shell}, inputs=inputs)))
    (output,) = rig.folder.rglob("stdout")
    expected = [str(state.inputs[name]) for name in inputs]
    assert json.loads(output.read_text()) == [*expected, f"--table={expected[0]}"]


@pytest.mark.parametrize("value", ["-rf", "--delete", "-"])
def test_value_that_would_be_an_option_is_refused(rig, tmp_path, value):
    """A table called --delete would be an instruction to the program."""
    shell = {"argv": ["touch", "{{ inputs.table }}", "made"], "cwd": str(tmp_path), "timeout": "PT1M"}
    trouble = prompt_of(rig.start(make_plan({"id": "show", "shell": shell}), table=value), TROUBLE)
    assert "taken for an option" in trouble.message
    assert "Nothing was started" in trouble.message
    assert not (tmp_path / "made").exists()
    assert not list(rig.folder.rglob("job.json"))


def test_programs_do_not_get_the_cockpits_credentials(rig, tmp_path, monkeypatch):
    """A program of a plan would inherit the operator's keys."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    shell = {
        "argv": [sys.executable, "-c", "import os; print(sorted(os.environ))"],
        "cwd": str(tmp_path),
        "timeout": "PT1M",
        "capture_output": True,
    }
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == SECRET
    state = ended(rig.start(make_plan({"id": "show", "shell": shell})))
    assert "PATH" in str(state.steps["show"].captured["output"])
    assert "AWS" not in str(state.steps["show"].captured["output"])
    assert SECRET.encode() not in everything_in(rig.folder)
