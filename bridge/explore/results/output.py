"""The files of a study: tables, pictures, the page, and the chips that commands need."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synaptile.swsim.base.whole_file import write_bytes, write_text

from ...json_text import write_json
from ...versions import versions
from .command import chip_of, command_of, needs_file
from .page import study_page
from .plot import front_figure
from .rows import to_csv

if TYPE_CHECKING:
    from ..exploration import Exploration

__all__ = ["CHIPS", "commands_of", "to_dict", "write_study"]

CHIPS = "chips"
"""Where the chips of trials are, in a study's folder."""


def commands_of(found: Exploration, folder: Path | None) -> dict[int, str]:
    """Return the command of each trial of the front by its number.

    A chip that takes a file is written into ``folder``; without one, it has no command.
    """
    commands = {}
    for trial in found.front:
        file = None
        if needs_file(found.study, trial):
            if folder is None:
                continue
            (folder / CHIPS).mkdir(parents=True, exist_ok=True)
            file = folder / CHIPS / f"trial-{trial.number}.yaml"
            write_text(file, chip_of(found.study, trial).to_yaml())
        commands[trial.number] = command_of(found.study, trial, file)
    return commands


def to_dict(found: Exploration, commands: dict[int, str]) -> dict[str, Any]:
    """Return a study and what became of it as JSON types."""
    return {
        "study": found.study.to_dict(),
        "objectives": {one.name: one.best for one in found.study.wanted},
        "interrupted": found.interrupted,
        "no_front": found.why_none(),
        "front": [
            {
                "number": trial.number,
                "point": dict(trial.point),
                "values": dict(trial.values),
                "command": commands.get(trial.number),
                "numbers": dict(trial.outcome.numbers) if trial.outcome is not None else {},
            }
            for trial in found.front
        ],
        "trials": found.rows(),
        "versions": versions(),
    }


def write_study(found: Exploration, folder: Path) -> list[Path]:
    """Write ``study.json``, ``front.csv``, ``trials.csv``, ``front.png``, ``front.svg`` and ``study.html``.

    Returns their paths. Raises ``OSError`` if one cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    commands = commands_of(found, folder)
    rows = found.rows()
    figure = front_figure(found)
    pictures = []
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
        data = io.BytesIO()
        figure.savefig(data, format=kind, dpi=150, metadata=metadata)
        pictures.append(write_bytes(folder / f"front.{kind}", data.getvalue()))
    best = [row | {"command": commands[row["number"]]} for row in rows if row["front"]]
    return [
        write_json(folder / "study.json", to_dict(found, commands)),
        write_text(folder / "front.csv", to_csv(best)),
        write_text(folder / "trials.csv", to_csv(rows)),
        *pictures,
        write_text(folder / "study.html", study_page(found, commands)),
    ]
