"""Technologies of crossbars: what a table may have, what it may not beside an energy table, and the built-in ones."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.config.energy_table import EnergyTable
from synaptile.bridge.config.parameters import parameter_table
from synaptile.bridge.config.presets import energy_names, list_technologies, technology_names
from synaptile.bridge.config.technology import Technology
from synaptile.bridge.config.technology_terms import TECHNOLOGY, TECHNOLOGY_EVENTS, TECHNOLOGY_WORDS
from synaptile.bridge.errors import ConfigError

PAGE = (Path(__file__).parents[3] / "docs" / "technology.md").read_text()
NUMBERS = [name for name, item in TECHNOLOGY.items() if item.type is float and name != "endurance"]


def chip(technology: Any, **more: Any) -> ChipConfig:
    return ChipConfig(technology=technology, **more)


def refusal(technology: Any, **more: Any) -> str:
    with pytest.raises(ConfigError) as error:
        chip(technology, **more)
    return str(error.value)


@pytest.mark.parametrize("name", technology_names())
def test_built_in_numbers_have_sources_and_those_that_were_not_found_are_unset(name: str) -> None:
    technology = Technology.named(name)
    assert technology.name == name
    assert list_technologies()[name] == technology.description
    numbers = {key for key in technology.to_dict() if key not in ("name", "description")}
    assert numbers <= technology.provenance.keys()
    for key, stated in technology.provenance.items():
        assert (getattr(technology, key) is None) == (stated.evidence == "unset"), key
        read = ("secondary transcription", "read in its repository")
        assert stated.evidence in ("chosen", "unset") or any(words in stated.source for words in read), key
    assert f"`{name}`" in PAGE


def test_facts() -> None:
    assert technology_names() == ["fefet", "pcm", "rram", "sram", "stt-mram"]
    assert Technology.named("sram").terms == {"cell_read": 0.047}
    assert Technology.named("sram").cells(8) == 8
    assert Technology.named("pcm").terms == {"cell_read": 2.0}
    assert (Technology.named("pcm").weight_write_ns, Technology.named("pcm").endurance) == (150.0, 1e5)
    assert Technology.named("rram").terms == {"cell_read": 0.1, "cell_write": 0.6}
    assert not Technology.named("stt-mram").prices_reads


def test_the_page_of_the_documentation_has_the_table_and_the_built_in_numbers() -> None:
    table = parameter_table(TECHNOLOGY)
    assert table in PAGE, f"a table in docs/technology.md must be:\n\n{table}\n"
    keys = ("cell_read", "cell_write", "weight_write_ns", "endurance")
    for name in technology_names():
        (line,) = re.findall(rf"^\| `{name}` \|(.*)\|.*\|$", PAGE, re.MULTILINE)
        told = [float(cell) if cell.strip() else None for cell in line.split("|")]
        assert told == [getattr(Technology.named(name), key) for key in keys], name


def test_every_term_has_an_event_and_words() -> None:
    assert list(TECHNOLOGY_EVENTS) == list(TECHNOLOGY_WORDS)
    assert set(TECHNOLOGY_EVENTS) == {name for name, item in TECHNOLOGY.items() if item.unit in ("pJ", "nW", "mW")}
    assert set(Technology.model_fields) == set(TECHNOLOGY)


@given(st.data())
@settings(max_examples=examples(30, 300), deadline=None)
def test_what_is_given_is_read_back(data: st.DataObject) -> None:
    numbers = st.floats(0, 1e15, allow_nan=False)
    left_out = {"cell_read", "cell_write", "crossbar_mw"}
    given_ = {name: data.draw(st.none() | numbers) for name in NUMBERS if name not in left_out}
    technology = Technology(name="t", bits_per_cell=data.draw(st.integers(1, 32)), **given_)
    config = chip(technology, energy="loihi")
    assert ChipConfig(**config.to_dict(annotated=True)) == config
    assert technology.terms == {n: given_[n] for n in TECHNOLOGY_EVENTS if given_.get(n) is not None}


@pytest.mark.parametrize(
    ("bits", "weight_bits", "cells"), [(1, 8, 8), (2, 8, 4), (3, 8, 3), (4, 3, 1), (1, None, None), (8, 1, 1)]
)
def test_cells_of_a_weight(bits: int, weight_bits: int | None, cells: int | None) -> None:
    assert Technology(name="t", bits_per_cell=bits).cells(weight_bits) == cells
    assert Technology(name="t", cells_per_weight=2).cells(weight_bits) == 2
    assert Technology(name="t").cells(weight_bits) is None


@pytest.mark.parametrize("term", NUMBERS)
@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (-1, "must be at least 0, not -1"),
        (float("nan"), "must be finite, not nan"),
        (float("inf"), "must be finite, not inf"),
        (1e16, "must be at most 1e+15, not 1e+16"),
        (True, "must be a number in {unit}, not True"),
        ("3 fJ", "must be a number in {unit}, not '3 fJ'"),
        ({"by_depth": {"4": 1}}, "must be a number in {unit}, not {{'by_depth': {{'4': 1}}}}"),
    ],
)
def test_numbers_that_are_none(term: str, value: Any, rule: str) -> None:
    told = f"technology.{term}: {rule.format(unit=TECHNOLOGY[term].unit)}"
    assert refusal({"name": "t", term: value}) == told


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cell_read": 1}, "technology.name: is missing"),
        ({"name": "t", "cel_read": 1}, "technology.cel_read: unknown key; did you mean 'cell_read'?"),
        ({"name": "t", "endurance": 0}, "technology.endurance: must be at least 1 write of a cell, not 0"),
        ({"name": "t", "cells_per_weight": 0}, "technology.cells_per_weight: must lie in 1..1024, not 0"),
        (
            {"name": "t", "cell_read": 1, "synaptic_read": 2},
            "technology.cell_read: must be left out, because synaptic_read is given, not 1.0",
        ),
        (
            {"name": "t", "cells_per_weight": 1, "bits_per_cell": 2},
            "technology.bits_per_cell: must be left out, because cells_per_weight is given, not 2",
        ),
        ("pcn", "technology: no technology 'pcn'; did you mean 'pcm'?"),
        ("none.yaml", None),
        (3, "technology: must be the name of a technology, a YAML file or a table, not 3"),
    ],
)
def test_what_is_wrong_is_told(values: Any, message: str | None) -> None:
    told = refusal(values)
    assert told.startswith("technology: none.yaml") if message is None else told == message
    assert len(told.splitlines()) == 1


def test_none_is_no_technology() -> None:
    assert (
        ChipConfig().technology is chip("none").technology is chip("sram").replace(technology=None).technology is None
    )
    assert "technology" not in ChipConfig().to_dict()


def test_a_file_is_relative_to_that_of_the_chip(tmp_path: Path) -> None:
    (tmp_path / "memory.yaml").write_text("name: mine\ncell_read: {value: 2, source: me, evidence: chosen}\n")
    (tmp_path / "chip.yaml").write_text("name: c\ntechnology: memory.yaml\n")
    config = ChipConfig.from_yaml(tmp_path / "chip.yaml")
    assert config.technology is not None
    assert (config.technology.name, config.technology.evidence("cell_read")) == ("mine", "chosen")
    assert config.provenance["technology.cell_read"].source == "me"


READS: dict[str, Any] = {"name": "t", "cell_read": 1}


@pytest.mark.parametrize("name", energy_names())
def test_reads_are_refused_beside_an_all_in_number_of_every_built_in_table(name: str) -> None:
    table = EnergyTable.named(name)
    if "synaptic_event" not in table.includes and "synaptic_event" not in table.covered:
        assert chip(READS, energy=name).technology is not None
        return
    assert refusal(READS, energy=name).startswith("technology: t has the energy of reads, which the all-in ")
    assert chip({"name": "t", "endurance": 5, "cell_write": 3}, energy=name).technology is not None


def test_what_both_tables_would_charge_is_refused() -> None:
    assert {"truenorth", "spikey", "spinnaker"} <= {n for n in energy_names() if EnergyTable.named(n).includes}
    energy: dict[str, Any] = {"name": "e", "synaptic_event": 2, "includes": {"synaptic_event": ["neuron"]}}
    assert refusal(READS, energy=energy) == (
        "technology: t has the energy of reads, which the all-in synaptic_event of the energy table e contains; take "
        "another energy table, not e"
    )
    energy = {"name": "e", "spike": 2, "includes": {"spike": ["synaptic_event"]}}
    assert "the all-in spike of the energy table e" in refusal(READS, energy=energy)
    for energy in ({"name": "e", "memory_read": 1}, {"name": "e", "spike": 2, "includes": {"spike": ["memory"]}}):
        assert "which memory_read of the energy table e contains" in refusal(READS, energy=energy)
    for leak in ("cell_nw", "crossbar_mw"):
        for term in ("tile_mw", "chip_mw"):
            told = refusal({"name": "t", leak: 0.5}, energy={"name": "e", term: 1})
            assert f"leakage ({leak}), which {term} of the energy table e contains" in told
    assert chip({"name": "t", "cell_nw": 0.5}, energy={"name": "e", "static_mw": 1}).technology is not None
