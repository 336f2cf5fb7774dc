"""A study as a page that needs no other file."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..trial import State
from .plot import front_figure
from .rows import cells_of, head_of, number_text, summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..exploration import Exploration

__all__ = ["study_page"]


def study_page(found: Exploration, commands: Mapping[int, str]) -> str:
    """Return the page: the front, its picture, the commands of its trials, all trials, and what failed.

    Parameters
    ----------
    found
        The study.
    commands
        By number, the command of each trial of the front.
    """
    environment = Environment(
        loader=PackageLoader("synaptile.bridge.explore", "results"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    wrong = [*found.of_state(State.FAILED), *found.of_state(State.REFUSED)]
    text = environment.get_template("study.html.j2").render(
        title=found.study.name,
        summary=summary(found.study, found.trials, found.front),
        why_none=found.why_none(),
        interrupted=found.interrupted,
        head=head_of(found.study),
        best=[(cells_of(found.study, trial), commands[trial.number]) for trial in found.front],
        picture=_picture(found),
        trials=[(trial.state.value, cells_of(found.study, trial)) for trial in found.finished],
        wrong=[(trial.number, trial.outcome.error) for trial in wrong if trial.outcome is not None],
        study=_facts(found),
    )
    return text.encode(errors="backslashreplace").decode()


def _facts(found: Exploration) -> list[tuple[str, str]]:
    study = found.study
    return [
        ("network", f"{study.trace or study.script} ({study.mode})"),
        ("chip", study.base.name),
        ("objectives", ", ".join(map(str, study.wanted))),
        ("constraints", ", ".join(map(str, study.limits)) or "none"),
        ("sampler", f"{study.sampler}, batches of {study.batch_size}, seed {study.seed}"),
        *((f"fixed: {name}", number_text(value)) for name, value in study.fixed.items()),
        *((name, ", ".join(f"{key}: {value}" for key, value in one.items())) for name, one in study.space.items()),
    ]


def _picture(found: Exploration) -> str:
    data = io.BytesIO()
    front_figure(found).savefig(data, format="png", dpi=150, metadata={"Software": None})
    return base64.b64encode(data.getvalue()).decode("ascii")
