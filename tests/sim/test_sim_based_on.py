"""Scenarios that are made of others."""

from cockpit.sim.scenario import load_scenario

_HEAD = "title: {0}\nenvironment: {{kind: demo, account: '123456789012', regions: [us-east-1], names: {{shop: {1}}}}}\n"
_EVENT = "timeline:\n  - {{at: {0}, call: sns:CreateTopic, with: {{Name: {1}}}}}\n"


def test_names_add_up_and_the_nearest_section_holds(tmp_path):
    """A system made of two parts would lack the names of one, or have its sections from the wrong file."""
    (tmp_path / "a.yaml").write_text(
        _HEAD.format("a", "{x: 1, y: 1}") + "quiet_alarms: 3\n" + _EVENT.format("-PT3M", "a")
    )
    (tmp_path / "b.yaml").write_text(_HEAD.format("b", "{y: 2, z: 2}") + _EVENT.format("-PT5M", "b"))
    whole = "based_on: [a.yaml, b.yaml]\n" + _HEAD.format("c", "{z: 3}") + _EVENT.format("-PT1M", "c")
    (tmp_path / "c.yaml").write_text(whole)
    loaded = load_scenario(tmp_path / "c.yaml")
    assert loaded.environment.names == {"shop": {"x": 1, "y": 2, "z": 3}}
    assert (loaded.scenario.title, loaded.scenario.quiet_alarms) == ("c", 3)
    assert [placed.event.params["Name"] for placed in loaded.events] == ["b", "a", "c"]
