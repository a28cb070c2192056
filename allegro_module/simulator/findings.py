"""What Allegro finds wrong with an offer: codes, places, and the sentences it says about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from allegro_module.simulator.http import Problem, Refusal
from allegro_module.simulator.parameters import Parameter
from allegro_module.simulator.texts import SENTENCES


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of an offer. A `gap` is something missing: a draft may be kept with gaps, but not listed."""

    problem: Problem
    gap: bool = False


def finding(
    code: str,
    path: str | None,
    *,
    gap: bool = False,
    says: str | None = None,
    metadata: Mapping[str, str] | None = None,
    **words: object,
) -> Finding:
    """`says` picks another sentence than the code's own; `words` and `metadata` fill its blanks."""
    return Finding(_worded(code, path, says or code, metadata or {}, words), gap)


def violation(path: str | None, says: str, **words: object) -> Finding:
    """A fault that has no code of its own."""
    return Finding(_worded("VALIDATION_ERROR", path, says, {}, words))


def _worded(
    code: str, path: str | None, says: str, metadata: Mapping[str, str], words: Mapping[str, object]
) -> Problem:
    english, polish = SENTENCES[says]
    filling = {**metadata, **words}
    return Problem(code, english.format(**filling), path, polish.format(**filling), metadata=dict(metadata))


def refusal(
    status: int,
    code: str,
    path: str | None = None,
    *,
    metadata: Mapping[str, str] | None = None,
    **words: object,
) -> Refusal:
    """A refusal for a single reason."""
    return Refusal(status, _worded(code, path, code, metadata or {}, words))


def refuse(status: int, findings: Iterable[Finding]) -> None:
    """Refuse for all that was found, if anything was."""
    found = problems(findings)
    if found:
        raise Refusal(status, *found)


def problems(findings: Iterable[Finding]) -> list[Problem]:
    """The findings' problems, each once."""
    unique: dict[tuple[str, str | None, str | None], Problem] = {}
    for item in findings:
        problem = item.problem
        unique.setdefault((problem.code, problem.path, problem.message), problem)
    return list(unique.values())


def missing_parameters(
    lacking: Iterable[Parameter], path: str, language: str, product_id: str | None = None
) -> Finding:
    """One finding for all that lack; the ids and names stand in its metadata."""
    parameters = list(lacking)
    of_offer = path == "parameters"
    metadata = {
        "missingParameterIds": ",".join(parameter.id for parameter in parameters),
        "missingParameterNames": ",".join(parameter.names(language) for parameter in parameters),
    }
    if product_id is not None:
        metadata["productId"] = product_id
    code = (
        "ConstraintViolationException.MissingRequiredParameters" if of_offer else "MissingRequiredParameters"
    )
    return finding(code, path, gap=True, metadata=metadata)
