"""The engine's own cost of a step, records fsynced, beyond the calls themselves."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks.row import Row, limit_row
from support.engine_rig import Rig, ended, make_plan

STEPS = 100


def measure() -> Iterator[Row]:
    """Yield the time of a step that makes one call which costs nothing."""
    call = {"call": "ecs:ListClusters", "params": {}}
    plan = make_plan(*({"id": f"step_{number}", "effect": "read", "aws": call} for number in range(STEPS)))
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder), speed=1.0)
        rig.port.reads["ecs:ListClusters"] = lambda _params: {"clusterArns": []}
        began = perf_counter()
        state = ended(rig.start(plan))
        passed = perf_counter() - began
        rig.close()
        if state.ended != "finished":
            raise SystemExit(f"the bench's run ended {state.ended}: {state.ended_reason}")
    yield limit_row("engine overhead of a step, records fsynced", passed * 1000 / STEPS, 10, "ms")
