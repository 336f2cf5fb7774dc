from pathlib import Path

import pytest

from synaptile.bridge.config.energy_table import EVENTS, GROUPS, EnergyTable
from synaptile.bridge.errors import ConfigError


def test_noxim_flit_costs_3_19_pj_per_hop() -> None:
    table = EnergyTable.named("noxim")
    per_hop = [
        table.terms[term] for term in ("buffer_write", "buffer_read", "crossbar_switch", "route_arbitrate", "link")
    ]
    assert sum(per_hop) == pytest.approx(3.19, abs=0.005)


def test_orion_flit_costs_31_pj_per_hop() -> None:
    assert sum(EnergyTable.named("orion2-45nm").terms.values()) == pytest.approx(31.0, abs=0.05)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "name: is missing"),
        ({"lnk": 1}, "lnk: unknown key; did you mean 'link'?"),
        ({"link": -0.5}, "link: must be at least 0, not -0.5"),
        ({"link": "1"}, "link: must be a number, not '1'"),
        ({"link": True}, "link: must be a number, not True"),
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
