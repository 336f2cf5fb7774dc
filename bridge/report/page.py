"""The report as a page: gathers the tables and pictures of a run and fills them into the template."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from synaptile.swsim.base.whole_file import write_text

from ..metrics.energy_rows import energy_rows, without
from ..metrics.metric import Row
from ..versions import versions
from . import tables
from .definitions import EVIDENCE, definitions
from .motion import motion
from .pictures import CHANGES, PICTURES, Picture
from .reported_run import ReportedRun
from .style import to_png

__all__ = ["headlines", "write_report"]

_FILES = {
    "metrics.json": "every number of this page, the configuration with its sources, and the versions",
    "snn.sw.out": "what went in: spikes and connections",
    "snn.ref.out": "what it was compared with: the spikes of the reference",
    "changes.csv": "what the chip changed, population by population",
    "snn.hw.out": "what came out: every delivery, cycle by cycle, and the activity of every router",
    ".vcd": "waveform, for GTKWave or Surfer",
    ".gtkw": "GTKWave save: opens the waveform with named groups for every router and port",
    ".v": "the chip in synthesizable Verilog",
    ".png": "picture",
    ".filter": "names for numbers, for GTKWave; the save uses it",
}
"""Description of a file, by its name or its ending."""


class _Link(NamedTuple):
    name: str
    address: str
    what: str


class _Embedded(NamedTuple):
    name: str
    heading: str
    caption: str
    data: str


class _Changes(NamedTuple):
    origin: str
    first: str
    populations: list[tables.ChangesRow]
    scores: list[tuple[str, str, str]]
    picture: _Embedded


def write_report(
    run: ReportedRun,
    folder: str | Path,
    *,
    title: str,
    extra_rows: Iterable[Row] = (),
    links: Iterable[Path | tuple[Path, str]] = (),
    notes: Iterable[str] = (),
    pictures: Iterable[Path] = (),
) -> Path:
    """Write ``report.html`` into ``folder`` (made if need be), a page that needs no other file and no network.

    The same run and arguments give the same bytes.

    Parameters
    ----------
    run
        The run.
    title
        Heading of the page.
    extra_rows
        (label, value, unit) of numbers that only the caller knows, such as an accuracy; they come first.
    links
        Other files that belong to the run, each alone (what it is then follows from its name) or with a description.
    notes
        Paragraphs of plain text under the heading.
    pictures
        Files that `synaptile.bridge.report.pictures.draw_all` wrote for the same run; what is not among them is drawn
        here.

    Raises
    ------
    ValueError
        If a file is named like none of the pictures.
    OSError
        If a file cannot be read, or the page cannot be written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = _by_name(pictures)
    extra = list(extra_rows)
    text = _template().render(
        run=run,
        title=title,
        notes=list(notes),
        headlines=headlines(run, extra),
        rows=extra + run.metrics.rows(),
        conversion=run.conversion_rows(),
        pictures=[_embedded(picture, run, drawn.get(picture.file_name)) for picture in PICTURES],
        changes=_changes(run, drawn),
        motion=motion(run),
        late=run.metrics.congestion.late.sentences(),
        connections=tables.worst_connections(run),
        pairs=tables.worst_pairs(run),
        hot_spots=tables.hot_spots(run),
        links=[_link(link, folder) for link in links],
        made_with=tables.provenance_of_run(run, versions()),
        configuration=tables.configuration(run.config),
        energy=tables.energy(run),
        missing_energy=tables.missing_energy(run),
        populations=tables.populations(run),
        mapping=tables.mapping(run),
        definitions=definitions(run.metrics),
        evidence=EVIDENCE,
    )
    # A file name may have bytes that are no text.
    return write_text(folder / "report.html", text.encode(errors="backslashreplace").decode())


def _changes(run: ReportedRun, drawn: dict[str, Path]) -> _Changes | None:
    found = run.changes
    if found is None:
        return None
    picture = _embedded(CHANGES, run, drawn.get(CHANGES.file_name))
    return _Changes(found.origin, found.first_difference, tables.changes(found), tables.scores(found), picture)


def _by_name(pictures: Iterable[Path]) -> dict[str, Path]:
    names = [picture.file_name for picture in (*PICTURES, CHANGES)]
    drawn = {path.name: path for path in map(Path, pictures)}
    for name in drawn:
        if name not in names:
            raise ValueError(f"pictures must be among {', '.join(names)}, not {name!r}")
    return drawn


def _embedded(picture: Picture, run: ReportedRun, drawn: Path | None) -> _Embedded:
    data = to_png(picture.draw(run)) if drawn is None else drawn.read_bytes()
    return _Embedded(picture.name, picture.heading, picture.caption, base64.b64encode(data).decode("ascii"))


def _link(link: Path | tuple[Path, str], folder: Path) -> _Link:
    path, what = link if isinstance(link, tuple) else (link, _FILES.get(link.name, _FILES.get(link.suffix, "")))
    name = Path(os.path.relpath(path, folder)).as_posix()
    return _Link(name, quote(os.fsencode(name)), what)


def headlines(run: ReportedRun, extra: list[Row]) -> list[tuple[str, str, str, str]]:
    """(label, value, unit, remark) of the few numbers that stand large at the top, the caller's own first."""
    out = [(*row, "") for row in [*extra[:3], *run.metrics.headlines()]]
    # The table's name and what it lacks are too long for a label; that it lacks something must not be overlooked.
    energy = run.metrics.energy
    _, value, unit = energy_rows(energy)[0]
    remark = f"table {energy.table}"
    lacking = [what for _, terms in without(energy) for what in terms]
    if lacking and energy.total_pj is not None:
        remark += f", without {', '.join(lacking)}"
    return [*out, ("Energy", value, unit, remark)]


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("synaptile.bridge", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
