import base64
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from support.fake_runs import imagined, random_trace

from synaptile.bridge import Chip
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.config.energy_terms import EVENTS
from synaptile.bridge.config.presets import preset_names
from synaptile.bridge.config.schema import Evidence
from synaptile.bridge.report import tables, write_report
from synaptile.bridge.report.definitions import EVIDENCE
from synaptile.bridge.report.page import headlines
from synaptile.bridge.report.pictures import PICTURES, draw_all
from synaptile.bridge.run import ChipRun
from synaptile.bridge.si_text import si_text
from synaptile.bridge.versions import versions

_VOID = {"meta", "img", "br", "input"}
SCRIPT = Path(__file__).parents[3] / "docs" / "images" / "report.sh"


class Page(HTMLParser):
    """A page's text, tags and references; complains about tags that are not closed in order."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(self.source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str, attribute: str) -> list[str]:
        return [value for name, attrs in self.tags if name == tag and (value := attrs.get(attribute)) is not None]


def pictures_in(page: Page) -> list[bytes]:
    prefix = "data:image/png;base64,"
    sources = page.all("img", "src")
    assert all(source.startswith(prefix) for source in sources)
    return [base64.b64decode(source.removeprefix(prefix), validate=True) for source in sources]


@pytest.fixture(scope="module")
def run() -> ChipRun:
    return imagined(random_trace(), ChipConfig.preset("demo"), partition="auto")


@pytest.fixture(scope="module")
def drawn(run: ChipRun, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Drawn once: most tests are about the page around the pictures."""
    return draw_all(run, tmp_path_factory.mktemp("pictures"))


def page_of(run: ChipRun, folder: Path, pictures: list[Path], **options: object) -> Page:
    return Page(write_report(run, folder, pictures=pictures, **{"title": "A run", **options}))


def test_a_page_needs_nothing_else(run: ChipRun, drawn: list[Path], tmp_path: Path) -> None:
    page = page_of(run, tmp_path, drawn)
    assert not {"link", "iframe", "object", "embed"} & {tag for tag, _ in page.tags}
    scripts = [attrs for tag, attrs in page.tags if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "motion-data"}, {}]  # in the page, permitted by its digest
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    assert all(address.startswith("#") and address[1:] in ids for address in page.all("a", "href"))
    style = re.search(r"<style>(.*?)</style>", page.source, re.S)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    rule = page.all("meta", "content")[-1]
    assert rule.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-")


def test_pictures_are_those_that_are_drawn_with_a_text_for_those_who_cannot_see(
    run: ChipRun, drawn: list[Path], tmp_path: Path
) -> None:
    page = Page(write_report(run, tmp_path, title="A run"))
    assert pictures_in(page) == [path.read_bytes() for path in drawn]
    for picture, alt in zip(PICTURES, page.all("img", "alt"), strict=True):
        assert alt == f"{picture.heading}. {picture.caption}"
        assert picture.caption in page.text


def test_pictures_already_drawn_are_taken(run: ChipRun, drawn: list[Path], tmp_path: Path) -> None:
    mine = tmp_path / drawn[2].name
    mine.write_bytes(b"a picture of my own")
    page = page_of(run, tmp_path, [*drawn[:2], mine, *drawn[3:]])
    assert pictures_in(page)[2] == b"a picture of my own"


def test_pictures_of_other_names_are_refused(run: ChipRun, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"pictures must be among raster\.png, .*, not 'cat\.png'"):
        write_report(run, tmp_path, title="A run", pictures=[tmp_path / "cat.png"])


def test_same_run_same_bytes(run: ChipRun, tmp_path: Path) -> None:
    one = write_report(run, tmp_path / "one", title="A run")
    two = write_report(run, tmp_path / "two", title="A run")
    assert one.read_bytes() == two.read_bytes()


def test_every_number_is_in_the_table_the_callers_first(run: ChipRun, drawn: list[Path], tmp_path: Path) -> None:
    page = page_of(run, tmp_path, drawn, extra_rows=[("Accuracy in software", "96.1", "%")])
    rows = re.findall(r'<dl class="row"><dt>(.*?)</dt><dd>(.*?)</dd><dd class="u">(.*?)</dd></dl>', page.source, re.S)
    assert rows == [("Accuracy in software", "96.1", "%"), *run.rows()]


def test_headlines(run: ChipRun) -> None:
    extra = [(f"own {number}", "1", "unit") for number in range(5)]
    lines = headlines(run, extra)
    assert [line[0] for line in lines] == [
        "own 0",
        "own 1",
        "own 2",
        "Latency, mean",
        "Latency, worst",
        "Throughput",
        "ISI distortion, mean",
        "Energy",
    ]
    values = {label: (value, unit) for label, value, unit in run.rows()}
    assert lines[3][1:3] == values["Latency, mean"]
    assert lines[-1][3] == "table noxim, without synaptic events, neuron updates, spikes, leakage of cores"


@pytest.mark.parametrize("partial", [False, True])
def test_a_partial_run_has_a_banner(drawn: list[Path], tmp_path: Path, partial: bool) -> None:
    run = imagined(random_trace(), ChipConfig.preset("demo"), delivered=0.5 if partial else 1)
    page = page_of(run, tmp_path, drawn)
    banner = f"Partial run It was interrupted. {len(run.deliveries)} of {len(run.packets)} packets had been delivered"
    assert (banner in page.text) is partial
    assert ("alert" in [attrs.get("role") for _, attrs in page.tags]) is partial


def test_what_users_write_is_text_not_html(drawn: list[Path], tmp_path: Path) -> None:
    evil = "<script>alert('&')</script>"
    trace = replace(random_trace(labels=[evil, "b", "c"]), meta={evil: evil})
    run = imagined(trace, ChipConfig(name=evil, description=evil, crossbar="64x4"))
    page = page_of(
        run, tmp_path, drawn, title=evil, notes=[evil], extra_rows=[(evil, evil, evil)], links=[(tmp_path / evil, evil)]
    )
    assert [tag for tag, _ in page.tags].count("script") == 2  # the page's own
    assert page.text.count(evil) >= 12


def test_links_are_relative_to_the_page(
    run: ChipRun, drawn: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    links = [tmp_path / "out" / "snn.sw.out", Path("out/chip.v"), (Path("waves/100 %.vcd"), "the first image")]
    page = page_of(run, Path("out"), drawn, links=links)
    assert page.all("a", "href")[-4:] == ["#files", "snn.sw.out", "chip.v", "../waves/100%20%25.vcd"]
    assert (
        "snn.sw.out what went in: spikes and connections chip.v the chip in synthesizable Verilog "
        "../waves/100 %.vcd the first image"
    ) in page.text


def test_waits_are_on_the_page(drawn: list[Path], tmp_path: Path) -> None:
    run = imagined(random_trace(rate=0.5), ChipConfig.preset("demo", cycles_per_step=8))
    found = run.metrics.congestion
    assert found.late.count
    text = page_of(run, tmp_path, drawn).text
    for sentence in found.late.sentences():
        assert sentence in text
    for rows in (tables.worst_connections(run), tables.worst_pairs(run), tables.hot_spots(run)):
        assert rows
        for row in rows:
            assert " ".join(" ".join(row).split()) in text
    worst = found.worst_connections[0]
    assert tables.worst_connections(run)[0][:4] == (
        f"neuron {worst['index']} of {worst['population']}",
        "tile ({},{})".format(*worst["to_tile"]),
        str(worst["packets"]),
        str(worst["late_packets"]),
    )


def test_notes_are_paragraphs(run: ChipRun, drawn: list[Path], tmp_path: Path) -> None:
    page = page_of(run, tmp_path, drawn, notes=["One.", "Two."])
    assert '<p class="note">One.</p>\n<p class="note">Two.</p>' in page.source


@pytest.mark.parametrize("preset", preset_names())
def test_every_configured_number_has_its_source_and_evidence(preset: str) -> None:
    config = ChipConfig.preset(preset)
    rows = {row.key: row for row in tables.configuration(config)}
    assert {"mesh", "crossbar.axons", "crossbar.neurons", "clock_hz"} < rows.keys()
    stated = {key: given for key, given in config.provenance.items() if not key.startswith("energy.")}
    for key, given in stated.items():
        assert (rows[key].source, rows[key].evidence) == (given.source, given.evidence.value)
    for key in rows.keys() - stated.keys():
        assert (rows[key].source, rows[key].evidence) == ("–", "unstated")


def test_the_configuration_is_on_the_page(run: ChipRun, drawn: list[Path], tmp_path: Path) -> None:
    page = page_of(run, tmp_path, drawn)
    for row in tables.configuration(run.config):
        words = " ".join(f"{row.key} {row.value} {row.unit} {row.source} {row.evidence}".split())
        assert words in page.text
    assert "clock_hz 100,000,000 Hz our own choice chosen" in page.text


def test_every_grade_of_evidence_is_explained() -> None:
    assert {grade for grade, _ in EVIDENCE} == {grade.value for grade in Evidence} | {"unstated"}


def test_energy_table_with_what_it_comes_to_and_what_is_missing(
    run: ChipRun, drawn: list[Path], tmp_path: Path
) -> None:
    rows = tables.energy(run)
    report = run.metrics.energy
    assert [row.term for row in rows] == list(run.config.energy.terms)
    powers = {"fJ": 1e-3, "pJ": 1, "nJ": 1e3, "µJ": 1e6, "mJ": 1e9}
    parts = [row.spent.split() for row in rows]
    assert sum(float(number) * powers[unit] for number, unit in parts) == pytest.approx(report.total_pj, rel=1e-2)
    link = next(row for row in rows if row.term == "link")
    flits = run.activity.link_flits.sum()
    assert link == (
        EVENTS["link"],
        "link",
        "1.56 pJ",
        f"{flits:,}",
        " ".join(si_text(flits * 1.56e-12, "J")),
        "Noxim, bin/power.yaml (read in its repository)",
        "simulator",
    )
    missing = ("synaptic_event", "neuron_update", "spike", "tile_mw")
    assert tables.missing_energy(run) == [(term, EVENTS[term], "no number in the table") for term in missing]
    text = page_of(run, tmp_path, drawn).text
    assert "Not in this energy: spike arriving at one synapse ( synaptic_event : no number in the table); " in text
    assert "Numbers of flits of 32 bits, charged as they are for " in text


def test_a_table_without_numbers_says_so(drawn: list[Path], tmp_path: Path) -> None:
    run = imagined(random_trace(), ChipConfig.preset("demo", energy="unset"))
    assert "This table has no numbers: no energy is reported." in page_of(run, tmp_path, drawn).text
    assert headlines(run, [])[-1][:3] == ("Energy", "no numbers", "")


def test_numbers_that_contain_others_say_so(drawn: list[Path], tmp_path: Path) -> None:
    run = imagined(random_trace(), ChipConfig.preset("demo", energy="truenorth"))
    text = page_of(run, tmp_path, drawn).text
    assert "Not added, because another number of the table already contains it: buffer_write" in text


def test_populations_and_mapping(run: ChipRun, drawn: list[Path], tmp_path: Path) -> None:
    counts = run.trace.spike_counts()
    rows = tables.populations(run)
    assert rows[1] == (
        "population 1",
        "IF_curr_exp",
        "6",
        str(counts[12:18].sum()),
        f"{counts[12:18].sum() / 6 / 0.020:,.3g}",
        str(len(np.unique(run.mapping.tile[12:18]))),
    )
    partition = run.mapping_report.partition
    mapped = {what: (value, remark) for what, value, remark in tables.mapping(run)}
    for method, cost in partition.costs.items():
        assert mapped[f"Partition, {method}"] == (f"{cost:,} packets", "taken" if method == partition.method else "")
    assert mapped["Tiles used"] == (f"{run.mapping_report.tiles_used} of 16", "")
    text = page_of(run, tmp_path, drawn).text
    for row in [*rows, *tables.mapping(run)]:
        assert " ".join(" ".join(row).split()) in text


def test_what_it_takes_to_repeat_the_run(run: ChipRun, drawn: list[Path], tmp_path: Path) -> None:
    text = page_of(replace(run, seed=4711), tmp_path, drawn).text
    assert "Seed of the mapping 4711" in text
    assert "Engine imagined" in text
    assert "Mode replay (the spikes were given)" in text
    assert "Network: seed 1" in text
    for package, version in versions().items():
        assert f"{package} {version}" in text


def test_a_page_that_cannot_be_written_leaves_nothing(run: ChipRun, drawn: list[Path], tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OSError, match=r"report\.html"):
        write_report(run, tmp_path, title="A run", pictures=drawn)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_real_chip_and_an_empty_network(tmp_path: Path) -> None:
    chip = Chip(mesh="1x2", crossbar="16x4", cycles_per_step=8)
    real = Page(write_report(chip.replay(random_trace((6,), steps=2, synapses=10)), tmp_path, title="Real"))
    assert "amaranth" in real.text
    empty = imagined(random_trace((), steps=0), ChipConfig(mesh="2x2"))
    assert "0 neurons, 0 synapses" in Page(write_report(empty, tmp_path, title="Empty")).text


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "usage:"),
        (["none.html", "out.png"], 1, "no such file: none.html"),
        ([__file__, "out.png", "1200"], 2, "size must be WIDTHxHEIGHT, not 1200"),
        ([__file__, "out.png", "x9"], 2, "size must be WIDTHxHEIGHT, not x9"),
    ],
)
def test_the_screenshot_script_tells_what_is_wrong(
    tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    done = subprocess.run(["sh", SCRIPT, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert message in done.stderr
    assert not (tmp_path / "out.png").exists()
