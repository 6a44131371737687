"""One piece of the matrix's work, in a process of its own: a subject undisturbed, or a chain with its culprits."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from crash.boundaries import place_of
from crash.chains import ByChance, Chain, halves
from crash.journey import Journey, travel
from crash.program import import_once
from crash.results import ChainResult, kind_of, learned, result_of
from crash.subjects import BY_NAME, Subject
from crash.verdicts import Undisturbed, failures

TOGETHER = "none of them alone, or only by chance: "


def learn(name: str, story: int) -> Undisturbed:
    """Run a subject undisturbed.

    Raises:
        RuntimeError: that does not stand the judgement itself.
    """
    import_once()
    subject = BY_NAME[name]
    with _folder() as folder:
        journey = travel(subject, None, story, folder)
    if wrong := failures(journey, None, None, subject.answers):
        raise RuntimeError(f"{name}, undisturbed: " + "; ".join(wrong))
    return learned(subject, journey)


def judge(name: str, chain: Chain, undisturbed: Undisturbed, story: int, failed: Path, *, blames: bool) -> ChainResult:
    """Run a chain; if it fails, keep what is needed to see why in `failed`, and name the kills if it `blames`."""
    import_once()
    subject = BY_NAME[name]
    result = _judged(subject, chain, undisturbed, story, failed)
    if not result.failures or not blames:
        return result
    return replace(result, culprits=_culprits(subject, chain, undisturbed, story))


def by_chance(name: str, seed: int, deaths: int, story: int) -> tuple[ChainResult, list[str]]:
    """Kill a subject's run by lot, without knowing it undisturbed; return also the places at which it died."""
    import_once()
    subject, chain = BY_NAME[name], ByChance(f"by chance, seed {seed}", seed, deaths)
    with _folder() as folder:
        journey = travel(subject, chain, story, folder)
    died_at = [place_of(life.at_death.entries[-1].record) for life in journey.deaths if life.at_death]
    places = [" ".join(word for word in place if word) for place in died_at]
    return result_of(subject, chain, journey, failures(journey, chain, None, subject.answers)), places


def _judged(subject: Subject, chain: Chain, undisturbed: Undisturbed, story: int, failed: Path | None) -> ChainResult:
    with _folder() as folder:
        try:
            journey = travel(subject, chain, story, folder)
        except Exception as error:  # noqa: BLE001 - whatever breaks is this chain's failure, not the matrix's end
            words = [f"{type(error).__name__}: {error}"]
            return ChainResult(subject.name, chain.name, kind_of(chain), [], [], 0, words)
        found = failures(journey, chain, undisturbed, subject.answers)
        if found and failed is not None:
            _keep(failed, folder, journey, found)
        return result_of(subject, chain, journey, found)


def _culprits(subject: Subject, chain: Chain, undisturbed: Undisturbed, story: int) -> list[str]:
    """Halve a chain that fails until a single kill is left that does."""
    parts = halves(chain)
    if parts is None:
        return [chain.targets[0].name]
    for part in parts:
        if _judged(subject, part, undisturbed, story, None).failures:
            return _culprits(subject, part, undisturbed, story)
    return [TOGETHER + ", ".join(target.name for target in chain.targets)]


def _keep(failed: Path, folder: Path, journey: Journey, found: list[str]) -> None:
    shutil.rmtree(failed, ignore_errors=True)
    shutil.copytree(folder, failed)
    shown = ("\n".join([f"=== cockpit {' '.join(life.argv)}: {life.code}", *life.shown]) for life in journey.lives)
    (failed / "shown.txt").write_text("\n".join(shown))
    (failed / "failures.txt").write_text("\n".join(found))


@contextmanager
def _folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="crash-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
