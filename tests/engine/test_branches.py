"""Which branches may begin, run and have ended: properties over random branches, by the engine's own fold."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.engine import records as r
from cockpit.engine.branches import branch_states
from cockpit.engine.errors import JournalError
from cockpit.engine.forecast import forecast
from cockpit.engine.prompts import TextPrompt
from cockpit.engine.undo import undoable
from support.folded import NOON, after, begins, carried_out, ends, opened
from support.parallel import graphs, two_branches


@given(graphs(), st.data())
def test_join_comes_after_all_and_each_branch_after_those_it_waits_for(plan, data):
    """A service would be built on a database that is not there, or the plan go on before a branch has ended."""
    state = carried_out(opened(plan), "first")
    group = [step for step in plan.steps if step.branch]
    while True:
        candidates = [step.id for step in plan.steps if step.id != "first"]
        allowed = {key for key in candidates if _may_begin(state, key)}
        assert allowed == _expected(plan, state)
        moves = [*((key, "begin") for key in sorted(allowed)), *((key, "end") for key in state.in_hand)]
        if not moves:
            break
        key, move = data.draw(st.sampled_from(moves))
        record = begins(key) if move == "begin" else ends(key, outcome=data.draw(st.sampled_from(["done", "skipped"])))
        state = after(state, record)
        assert len({plan.step(each).branch for each in state.in_hand}) == len(state.in_hand)
    assert all(each.standing == "ended" for each in branch_states(state))
    assert {step.id for step in group} | {"first", "join"} == set(state.steps)


def _may_begin(state, key):
    try:
        after(state, begins(key))
    except JournalError:
        return False
    return True


def _expected(plan, state):
    """Return what may begin, said another way: by the sets of steps that are over, in hand, and never begun."""
    over = {key for key, step in state.steps.items() if step.outcome is not None}
    steps = {each.id: [step.id for step in plan.steps if step.branch == each.id] for each in plan.branches}
    found = set()
    for each in plan.branches:
        free = all(over.issuperset(steps[name]) for name in each.after)
        to_come = [key for key in steps[each.id] if key not in over]
        if free and to_come and to_come[0] not in state.in_hand:
            found.add(to_come[0])
    in_group = {key for keys in steps.values() for key in keys}
    return found or ({"join"} - set(state.steps) if over >= in_group else set())


@given(graphs(), st.data())
def test_what_came_after_is_undone_before_it(plan, data):
    """A database would be taken away from under the service that was built on it."""
    state = carried_out(opened(plan), "first")
    while ready := [each for each in branch_states(state) if each.standing in ("ready", "running")]:
        name = data.draw(st.sampled_from([each.branch.id for each in ready]))
        step = next(step.id for step in plan.steps if step.branch == name and step.id not in state.steps)
        state = carried_out(state, step)
    order = [step.id for step in undoable(state)]
    assert sorted(order) == sorted(step.id for step in plan.steps if step.branch)
    for each in plan.branches:
        for before in each.after:
            last = max(order.index(step.id) for step in plan.steps if step.branch == each.id)
            first = min(order.index(step.id) for step in plan.steps if step.branch == before)
            assert last < first


@given(graphs(), st.lists(st.integers(1, 90), min_size=20, max_size=20))
def test_forecast_is_the_longest_way_through(plan, minutes):
    """The remaining time would be the sum of work that is done at the same time: an RTO at risk that is not."""
    given_times = dict(zip((step.id for step in plan.steps), minutes, strict=False))
    timed = plan.model_copy(
        update={
            "steps": tuple(
                step.model_copy(update={"documented": timedelta(minutes=given_times[step.id])}) for step in plan.steps
            )
        }
    )

    def way(name):
        own = sum(given_times[step.id] for step in plan.steps if step.branch == name)
        befores = next(each.after for each in plan.branches if each.id == name)
        return own + max((way(before) for before in befores), default=0)

    total = given_times["first"] + given_times["join"] + max(way(each.id) for each in plan.branches)
    assert forecast(opened(timed), NOON).remaining == timedelta(minutes=total)


def in_group():
    """Return a run that has just come to its branches."""
    return carried_out(opened(two_branches(budget="PT5M")), "before")


@pytest.mark.parametrize(
    ("done", "in_hand", "wrong"),
    [
        ((), ("database",), "ready"),
        ((), ("database",), "after"),
        ((), (), "shop"),
        (("database", "ready"), (), "after"),
        ((), ("database", "login"), "before"),
    ],
    ids=["two of one branch", "outside of an open group", "before its branch may", "before the join", "back before"],
)
def test_order_that_the_engine_never_writes_is_refused(done, in_hand, wrong):
    """A journal that was tampered with, or written by a broken engine, would be driven further."""
    state = after(carried_out(in_group(), *done), *(begins(key) for key in in_hand))
    with pytest.raises(JournalError):
        after(state, begins(wrong, state.steps[wrong].attempt + 1 if wrong in state.steps else 1))


def test_only_one_question_is_open():
    """Two questions at once would take each other's answers."""
    state = after(in_group(), begins("database"), begins("login"))
    question = TextPrompt(question="Name?")
    state = after(state, r.Prompted(step="database", attempt=1, prompt=question), r.Queued(step="login", attempt=1))
    assert state.steps["login"].queued
    with pytest.raises(JournalError):
        after(state, r.Prompted(step="login", attempt=1, prompt=question))
    state = after(state, r.Answered(step="database", attempt=1, command="Answer"))
    assert not after(state, r.Prompted(step="login", attempt=1, prompt=question)).steps["login"].queued


def test_step_that_matters_now_is_the_one_that_asks_else_the_last_begun():
    """The screen would show a wait of an hour while another branch stands still for want of an answer."""
    state = after(in_group(), begins("database"), begins("login"))
    assert state.now_step == "login"
    asked = after(state, r.Prompted(step="database", attempt=1, prompt=TextPrompt(question="Name?")))
    assert asked.now_step == "database"
    assert after(state, ends("login")).now_step == "database"
    assert after(state, ends("login"), ends("database")).now_step == ""


def test_branch_is_timed_against_its_budget_from_its_first_attempt_to_its_last_end():
    """An overrun of a documented budget would not be seen, or a retried step would set the clock back."""
    state = after(in_group(), begins("database"), ends("database", outcome="failed"), begins("database", 2))
    data, identity, front = branch_states(state)
    assert [each.standing for each in (data, identity, front)] == ["running", "ready", "waits"]
    assert data.elapsed(state.last_at) == timedelta(minutes=2)
    assert data.over(state.last_at) is None
    assert (identity.elapsed(state.last_at), identity.over(state.last_at)) == (None, None)
    state = after(state, ends("database", 2), begins("ready"), ends("ready"))
    data, _, front = branch_states(state)
    assert (data.standing, front.standing) == ("ended", "ready")
    assert data.elapsed(state.last_at + timedelta(hours=1)) == timedelta(minutes=5)
    assert data.over(state.last_at) is None
    late = after(in_group(), begins("database"))
    assert branch_states(late)[0].over(late.last_at + timedelta(minutes=7)) == timedelta(minutes=2)
