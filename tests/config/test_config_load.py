"""cockpit.toml: found, read, and wrong with file and line."""

from pathlib import Path

import pytest

from cockpit.config.errors import ConfigError
from cockpit.config.load import choose_environment, load_config
from cockpit.config.ordinary import OrdinaryPlace, OrdinaryWatch
from cockpit.config.paths import data_folder, find_config, state_folder
from cockpit.config.schema import Environment, Watch
from cockpit.model.scope import EnvironmentKind

GOOD = """\
default = "prod"

[environments.prod]
kind = "production"
account = "123456789012"
regions = ["us-east-1", "eu-west-1"]
profile = "oncall"

[environments.prod.watch]
alarms = ["syncwell-*"]
every = 30

[environments.prod.names.syncwell]
table = "SyncWellMetadata"
known_good_accounts = [
  {pk = {S = "USER#1"}},
]

[environments.stage]
kind = "staging"
regions = ["us-east-1"]
"""


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    for name in ("COCKPIT_CONFIG", "COCKPIT_STATE_DIR", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.chdir(tmp_path)


def _write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "cockpit.toml"
    file.write_text(text)
    return file


def test_good_file(tmp_path):
    """Everything of a good file arrives, and what it leaves out has its default."""
    config = load_config(_write(tmp_path, GOOD))
    name, prod = choose_environment(config)
    assert (name, prod.kind, prod.account) == ("prod", EnvironmentKind.PRODUCTION, "123456789012")
    assert prod.watch.every.total_seconds() == 30
    assert prod.names["syncwell"]["table"] == "SyncWellMetadata"
    assert choose_environment(config, "stage")[1].watch == Watch()


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('kind = "production"', 'kind = "prod"', 4, "environments.prod.kind: expected 'production'"),
        ('account = "123456789012"', 'account = "12"', 5, "12-digit"),
        ('account = "123456789012"', "account = 123456789012", 5, "environments.prod.account"),
        ('regions = ["us-east-1", "eu-west-1"]', 'regions = ["us-east-1", "x"]', 6, "such as us-east-1; got 'x'"),
        ('regions = ["us-east-1", "eu-west-1"]', "regions = []", 6, "environments.prod.regions"),
        ('profile = "oncall"', 'profil = "oncall"', 7, "no such setting"),
        ("every = 30", 'every = "soon"', 11, "environments.prod.watch.every"),
        ('default = "prod"', 'default = "live"', 1, "expected one of the environments prod, stage"),
        ('kind = "staging"', "", 19, "environments.stage.kind: this setting is required"),
        ('table = "SyncWellMetadata"', "table = ", 14, "not valid TOML"),
    ],
)
def test_mistakes_are_told_with_file_and_line(tmp_path, old, new, line, words):
    """Bad input names the place and what was expected."""
    assert old in GOOD
    file = _write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ConfigError) as failure:
        load_config(file)
    assert str(failure.value).startswith(f"{file}:{line}: ")
    assert words in str(failure.value)


def test_every_mistake_is_told(tmp_path):
    """Two mistakes are two lines, not one after the other."""
    file = _write(tmp_path, GOOD.replace('kind = "production"', 'kind = "x"').replace('profile = "', 'profil = "'))
    with pytest.raises(ConfigError) as failure:
        load_config(file)
    assert len(str(failure.value).splitlines()) == 2


def test_missing_and_unreadable_files(tmp_path):
    """A named file that is not there, or is no text, is an error and never silently ignored."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "absent.toml")
    bad = tmp_path / "bad.toml"
    bad.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(bad)


def test_order_of_places(tmp_path, monkeypatch):
    """Explicit path before $COCKPIT_CONFIG before ./cockpit.toml before the user's directory."""
    users = tmp_path / "xdg" / "cockpit" / "cockpit.toml"
    users.parent.mkdir(parents=True)
    users.write_text(GOOD)
    assert find_config() == users
    here = _write(tmp_path, GOOD)
    assert find_config() == here
    monkeypatch.setenv("COCKPIT_CONFIG", str(tmp_path / "other.toml"))
    assert find_config() == tmp_path / "other.toml"
    assert find_config(tmp_path / "named.toml") == tmp_path / "named.toml"


def test_without_a_file_ordinary_settings_serve(monkeypatch, tmp_path):
    """No cockpit.toml: one environment that nothing can be changed in, counted as production."""
    with pytest.raises(ConfigError, match="Set AWS_REGION"):
        load_config()
    (tmp_path / "aws-config").write_text("[default]\nregion = eu-west-1\n[profile x]\nregion = us-west-2\n")
    assert load_config().environments["default"].regions == ("eu-west-1",)
    monkeypatch.setenv("AWS_PROFILE", "x")
    assert load_config().environments["default"].regions == ("us-west-2",)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    name, place = choose_environment(load_config())
    assert (name, place.regions, place.account) == ("default", ("us-east-1",), None)
    assert place.kind is EnvironmentKind.PRODUCTION


def test_ordinary_watch_has_the_schemas_defaults():
    """The defaults are written twice to keep pydantic out of `cockpit status`: they must not drift apart."""
    assert {name: getattr(Watch(), name) for name in Watch.model_fields} == {
        name: getattr(OrdinaryWatch(), name) for name in Watch.model_fields
    }
    ordinary = OrdinaryPlace(regions=("us-east-1",))
    environment = Environment(kind=ordinary.kind, regions=ordinary.regions)
    assert (ordinary.account, ordinary.profile) == (environment.account, environment.profile)


def test_choosing_an_environment(tmp_path):
    """An unknown or an open choice is refused in words that list what there is."""
    config = load_config(_write(tmp_path, GOOD.replace('default = "prod"\n', "")))
    with pytest.raises(ConfigError, match="prod, stage"):
        choose_environment(config)
    with pytest.raises(ConfigError, match="no environment 'live'"):
        choose_environment(config, "live")


def test_rehearsals_live_apart(monkeypatch, tmp_path):
    """Runs of demos and drills must never be taken for real ones."""
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path))
    real = {state_folder(kind) for kind in EnvironmentKind if not kind.is_rehearsal}
    rehearsed = {state_folder(kind) for kind in EnvironmentKind if kind.is_rehearsal}
    assert real == {tmp_path}
    assert rehearsed == {tmp_path / "rehearsals"}


def test_data_folder_is_found_in_a_checkout():
    """Plans and scenarios are found without installing."""
    assert (data_folder("plans") / "syncwell").is_dir()


HOST = """
[environments.prod.hosts.pfa]
destination = "deploy@app-1"
options = {Port = "2222"}
env = {PATH = "/opt/node/bin:/usr/bin"}

[environments.prod.hosts.here]
"""


def test_hosts_belong_to_an_environment(tmp_path):
    """A run that is armed for staging could reach production's host."""
    config = load_config(_write(tmp_path, GOOD + HOST))
    hosts = config.environments["prod"].hosts
    assert (hosts["pfa"].destination, hosts["pfa"].options, hosts["here"].destination) == (
        "deploy@app-1",
        {"Port": "2222"},
        "",
    )
    assert config.environments["stage"].hosts == {}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('destination = "-oProxyCommand=reboot"', "expected a destination as ssh takes it, such as deploy@app-1"),
        ('destination = "a b"', "expected a destination as ssh takes it"),
        ('options = {StrictHostKeyChecking = "no"}', "always checks host keys"),
        ('options = {"Port 22" = "x"}', "expected a plain name"),
        ('env = {"A=B" = "x"}', "expected a plain name"),
    ],
)
def test_a_wrong_host_says_where_and_what(tmp_path, line, words):
    """A mistake here would be found in the middle of a recovery, or open the line to a stranger."""
    text = GOOD + "\n[environments.prod.hosts.pfa]\n" + line + "\n"
    with pytest.raises(ConfigError) as wrong:
        load_config(_write(tmp_path, text))
    assert words in str(wrong.value)
    assert f"cockpit.toml:{text.count(chr(10))}: environments.prod.hosts.pfa" in str(wrong.value)
