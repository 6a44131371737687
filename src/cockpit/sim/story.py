"""Things that take time, written as generators: a story yields the seconds until it goes on.

A deployment reads as one function from its first second to its last; the world calls it back when its time has come.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from cockpit.sim.world import World

Story = Iterator[float]


def tell(world: World, story: Story) -> Callable[[], None]:
    """Start a story now and go on with it whenever the seconds it yields have passed; return what ends it early."""
    ended = False

    def go_on() -> None:
        if ended:
            return
        seconds = next(story, None)
        if seconds is not None:
            world.at(world.now() + timedelta(seconds=seconds), go_on)

    def end() -> None:
        nonlocal ended
        ended = True

    go_on()
    return end
