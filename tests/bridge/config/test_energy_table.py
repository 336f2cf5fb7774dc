import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.bridge.config.chip_config import ChipConfig
from synaptile.bridge.config.energy_price import OperatingPoint
from synaptile.bridge.config.energy_table import EnergyTable
from synaptile.bridge.config.energy_terms import EVENTS, GROUPS, NEEDED, PER_WIDTH, TOGETHER, WORDS
from synaptile.bridge.errors import ConfigError

POINT = OperatingPoint(buffer_depth=4, routing="xy", flit_bits=32)


def test_noxim_flit_costs_3_19_pj_per_hop() -> None:
    table = EnergyTable.named("noxim").at(POINT)
    per_hop = [table[term].number or 0 for term in ("buffer_write", "buffer_read", "crossbar_switch", "link")]
    assert sum(per_hop) + 0.060 + 0.050 == pytest.approx(3.19, abs=0.005)
    assert (table["route"].number, table["select"].number) == (0.060, 0.050)


def test_orion_flit_costs_31_pj_per_hop() -> None:
    numbers = [one.number or 0 for one in EnergyTable.named("orion2-45nm").at(POINT).values()]
    assert sum(numbers) == pytest.approx(31.0, abs=0.05)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "name: is missing"),
        ({"lnk": 1}, "lnk: unknown key; did you mean 'link'?"),
        ({"link": -0.5}, "link: must be at least 0, not -0.5"),
        ({"link": "1"}, "link: must be a number in pJ, not '1'"),
        ({"link": "3 nJ"}, "link: must be a number in pJ, not '3 nJ'"),
        ({"static_mw": "3 W"}, "static_mw: must be a number in mW, not '3 W'"),
        ({"link": True}, "link: must be a number in pJ, not True"),
        ({"link": math.nan}, "link: must be finite, not nan"),
        ({"tile_mw": -math.inf}, "tile_mw: must be finite, not -inf"),
        ({"link": 2e15}, "link: must be at most 1e+15, not 2000000000000000.0"),
        ({"link": 10**400}, "link: must be at most 1e+15, not a number of 1329 bits"),
        ({"link": [1]}, "link: must be a number in pJ, not [1]"),
        ({"flit_bits": 0}, "flit_bits: must be at least 1, not 0"),
        ({"flit_scaling": "square"}, "flit_scaling: input should be 'none' or 'linear', not 'square'"),
        (
            {"link": {"by_width": {"32": 1}}},
            "link: must be a number in pJ, or by_depth or by_routing with several, not {'by_width': {'32': 1}}",
        ),
        ({"link": {"by_depth": {}}}, "link: by_depth must map to numbers in pJ, not {}"),
        ({"link": {"by_depth": [1]}}, "link: by_depth must map to numbers in pJ, not [1]"),
        *(
            ({"link": {"by_depth": {key: 1}}}, f"link: by_depth must have depths in 1..64 flits, not {key!r}")
            for key in ("0", "65", "4.0", "04", "two", "-4", "", "99999", "٤", True, 4.0, None)
        ),
        ({"link": {"by_depth": {"4": 1, 4: 2}}}, "link: by_depth has 4 twice"),
        ({"link": {"by_depth": {"4": -1}}}, "link: by_depth 4 must be at least 0, not -1"),
        ({"queue_mw": {"by_depth": {"4": "1 mW"}}}, "queue_mw: by_depth 4 must be a number in mW, not '1 mW'"),
        ({"queue_mw": {"by_depth": {"4": None}}}, "queue_mw: by_depth 4 must be a number in mW, not None"),
        (
            {"link": {"by_routing": {"nw": 1}}},
            "link: by_routing must have names among xy, yx, west-first, north-last, negative-first, odd-even, dyad, "
            "table, not 'nw'",
        ),
        ({"route": 1}, "select: must be given, because route is"),
        ({"neuron_idle": 1}, "neuron_active: must be given, because neuron_idle is"),
        (
            {"neuron_update": 1, "neuron_active": 2, "neuron_idle": 1},
            "neuron_active: must be left out, because neuron_update is given, not 2.0",
        ),
        (
            {"chip_mw": 1, "queue_mw": {"by_depth": {"4": 2}}},
            "queue_mw: must be left out, because chip_mw is given, not {'by_depth': {'4': 2.0}}",
        ),
        (
            {"link": {"value": 1, "deviation": -0.1, "source": "s", "evidence": "measured"}},
            "link.deviation: must lie in 0..1e+15, not -0.1",
        ),
        (
            {"link": {"value": 1, "deviation": math.nan, "source": "s", "evidence": "measured"}},
            "link.deviation: must lie in 0..1e+15, not nan",
        ),
        (
            {"link": {"value": 1, "deviation": "10 %", "source": "s", "evidence": "measured"}},
            "link.deviation: must be a number, not '10 %'",
        ),
        (
            {"link": {"value": {"by_depth": {"4": 1}}, "deviation": 1, "source": "s", "evidence": "measured"}},
            "link.deviation: must be left out where the value is no number, not 1",
        ),
        (
            {"spike": {"deviation": 1, "source": "s", "evidence": "unset"}},
            "spike.deviation: must be left out where the value is no number, not 1",
        ),
        ({"link": 1, "link_ew": 2, "link_ns": 2}, "link_ew: must be left out, because link is given, not 2.0"),
        ({"link_ew": 2}, "link_ns: must be given, because link_ew is"),
        (
            {"buffer_write_read": 1, "buffer_read": 0},
            "buffer_read: must be left out, because buffer_write_read is given, not 0.0",
        ),
        (
            {"synaptic_event": 26, "packet_hop": 2.3, "includes": {"synaptic_event": ["routing"]}},
            "packet_hop: must be left out, because synaptic_event already includes it, not 2.3",
        ),
        (
            {"includes": {"synaptic_event": ["routing"]}},
            "includes: synaptic_event must have a number of its own, or not be in includes",
        ),
        ({"includes": [1]}, "includes: must map a term to the terms or groups that it includes, not [1]"),
        (
            {"link": 1, "includes": {"link": "router"}},
            "includes: link must have a list of terms or groups, not 'router'",
        ),
    ],
)
def test_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        EnergyTable(**({"name": "t"} | values if values else {}))
    assert str(error.value) == message


def test_includes_names_terms() -> None:
    with pytest.raises(ConfigError, match=r"^includes: 'lnk' is no term; the terms are buffer_write, "):
        EnergyTable(name="t", includes={"lnk": ["router"]})
    with pytest.raises(ConfigError, match=r"^includes: link includes 'rooter', which is none of buffer_write, "):
        EnergyTable(name="t", link=1, includes={"link": ["rooter"]})


def test_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nspike: {source: nobody knows, evidence: unset}\nlink: 2\n")
    table = EnergyTable.from_yaml(path)
    assert table.terms == {"link": 2.0}
    assert table.evidence("spike") == "unset"
    assert "spike" in table.missing
    path.write_text(table.to_yaml())
    assert EnergyTable.from_yaml(path) == table


def test_groups_name_terms() -> None:
    assert set().union(*GROUPS.values()) <= set(EVENTS)


def test_terms_are_the_fields_and_have_words() -> None:
    fields = EnergyTable.model_fields.keys()
    assert list(EVENTS) == [name for name in fields if name in EVENTS]
    assert fields - EVENTS.keys() == {"name", "description", "flit_bits", "flit_scaling", "includes"}
    assert WORDS.keys() == EVENTS.keys()
    for names in ({*PER_WIDTH}, *({whole, *parts} for whole, parts in TOGETHER), *map(set, NEEDED)):
        assert names <= EVENTS.keys()


def test_a_deviation_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nspike: {value: 3, deviation: 0.5, source: bench, evidence: measured}\n")
    table = EnergyTable.from_yaml(path)
    assert table.deviation("spike") == 0.5
    assert table.deviation("link") is None
    path.write_text(table.to_yaml())
    again = EnergyTable.from_yaml(path)
    assert (again, again.provenance) == (table, table.provenance)
    with pytest.raises(ConfigError, match=r"^clock_hz\.deviation: unknown key; the keys are value, source, evidence$"):
        ChipConfig(clock_hz={"value": 1e6, "deviation": 1, "source": "s", "evidence": "measured"})


numbers = st.floats(0, 1e6)
by_depth = st.dictionaries(st.integers(1, 64), numbers, min_size=1)


@given(by_depth, st.integers(1, 64))
def test_by_depth(prices: dict[int, float], depth: int) -> None:
    table = EnergyTable(name="t", buffer_write={"by_depth": prices})
    found = table.at(OperatingPoint(depth, "xy", 32))["buffer_write"]
    below = [known for known in prices if known <= depth]
    above = [known for known in prices if known >= depth]
    if depth in prices:
        assert (found.number, found.note) == (prices[depth], "")
    elif not below or not above:
        assert found.number is None
        assert found.note.startswith("numbers are for queues of ")
    else:
        low, high = max(below), min(above)
        assert min(prices[low], prices[high]) <= found.number * (1 + 1e-12)
        assert found.number <= max(prices[low], prices[high]) * (1 + 1e-12)
        assert found.note == f"interpolated between queues of {low} and {high} flits"
    assert EnergyTable(**table.to_dict()) == table


def test_by_routing() -> None:
    table = EnergyTable(name="t", route={"by_routing": {"xy": 1, "table": 3}}, select=0)
    assert table.at(POINT)["route"].number == 1
    assert table.at(OperatingPoint(4, "table", 32))["route"].number == 3
    other = table.at(OperatingPoint(4, "dyad", 32))["route"]
    assert (other.number, other.note) == (None, "numbers are for xy, table, not for the routing dyad")
