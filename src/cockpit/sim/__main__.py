"""The simulator's process: `python -m cockpit.sim`. One line of JSON on stdout says that it is ready."""

import argparse
import json
import os
import signal
import sys
import threading

from cockpit.model.clock import ScaledClock


def main() -> int:
    """Serve a scenario until stopped; exit 2 on bad input."""
    parser = argparse.ArgumentParser(prog="python -m cockpit.sim", description="Simulated AWS on 127.0.0.1.")
    parser.add_argument("--scenario", default="", help="name or file; without one the account is empty")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--speed", type=float, default=1.0, help="seconds of the story per real second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--with-parent", action="store_true", help="end when stdin closes")
    options = parser.parse_args()
    if options.speed <= 0:
        parser.error("--speed must be above 0")
    if options.with_parent:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the terminal is the parent's business
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        return _serve(options)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"The simulated AWS needs the extra `demo` (missing: {error.name}): ")
        sys.stderr.write("pip install 'incident-cockpit[demo]'\n")
        return 2


def _serve(options: argparse.Namespace) -> int:
    from cockpit.plans.document import DocumentError  # noqa: PLC0415 - --help must not wait for all this
    from cockpit.sim.fault_front import FaultFront  # noqa: PLC0415
    from cockpit.sim.scenario import load_scenario  # noqa: PLC0415
    from cockpit.sim.server import build, clock_at, listen, listen_beside  # noqa: PLC0415
    from cockpit.sim.telling import tell  # noqa: PLC0415

    clock = clock_at(options.speed)
    try:
        loaded = load_scenario(options.scenario) if options.scenario else None
        simulation, front = build(clock, options.seed)
        simulation.listen = listen_beside
        if loaded is not None:
            tell(simulation, loaded)
    except DocumentError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        server = listen(FaultFront(front, simulation), options.port)
    except (OSError, SystemExit) as error:
        sys.stderr.write(f"cockpit.sim: port {options.port} of 127.0.0.1 cannot be used: {error}\n")
        return 2
    ready = {
        "endpoint": f"http://127.0.0.1:{server.port}",
        "clock": clock.to_variable() if isinstance(clock, ScaledClock) else "",
        "account": simulation.account,
        "region": simulation.region,
        "scenario": loaded.name if loaded else "",
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    return 0


def _end_with_stdin() -> None:
    """End the process when the parent closes its end of stdin, by intent or by dying."""
    while os.read(0, 4096):  # not sys.stdin: its lock would be held when the process ends in another way
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
