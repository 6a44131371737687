"""The checks of ``cockpit plans check``: what can be proven about a plan without a network. A rule is one function."""

from collections.abc import Mapping

from cockpit.plans.catalogue import LoadedPlan
from cockpit.plans.document import Problem
from cockpit.plans.lint import operations, order, patterns, programs, references, sources
from cockpit.plans.lint.findings import Rule, Subject
from cockpit.plans.lint.ports import OperationCatalogue

RULES: tuple[Rule, ...] = (
    references.syntax,
    references.names,
    references.inputs_used,
    operations.exist,
    operations.parameters,
    operations.effects,
    operations.kinds,
    operations.proven,
    operations.repeated,
    operations.undone,
    programs.no_code_from_values,
    programs.effects_of_programs,
    patterns.patterns,
    order.ids_once,
    order.id_fits_file,
    order.halts_restored,
    order.recovery_known,
    order.phases_posted,
    order.stop_is_marked,
    sources.verbatim,
    sources.lines_exist,
    sources.deviations_explained,
)


def check_plan(
    loaded: LoadedPlan, catalogue: OperationCatalogue, seeds: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[Problem, ...]:
    """Return every problem of a plan file: those of loading it, else those the rules find, in the order of the file."""
    if loaded.plan is None or loaded.origins is None:
        return loaded.problems
    subject = Subject(loaded.plan, loaded.path, catalogue, seeds)
    origins = loaded.origins
    found = {origins.problem(finding.path, finding.message) for rule in RULES for finding in rule(subject)}
    return tuple(sorted(found, key=lambda problem: (problem.file, problem.line, problem.column, problem.message)))
