"""What the command says of the curve of a network."""

from dataclasses import dataclass, field

import pytest

from synaptile.bridge.cli.traffic.energy import energy_rows, energy_text
from synaptile.bridge.cli.traffic.sweep import _print, _verdict
from synaptile.bridge.traffic.energy import TrafficEnergy
from synaptile.bridge.traffic.load_sweep import Curve, LoadPoint


@dataclass
class Point:
    load: float
    saturated: bool = False
    accepted: float = field(default=0.25)


@pytest.mark.parametrize(
    ("points", "verdict"),
    [
        ((), "not measured"),
        ((Point(0.1), Point(0.2)), "not saturated at these loads, accepts 0.2500 flits/cycle/node at most"),
        ((Point(0.1, True),), "saturated at every load measured, accepts 0.2500 flits/cycle/node at most"),
        (
            (Point(0.1), Point(0.2), Point(0.3, True, 0.3)),
            "saturates between 0.200 and 0.300, accepts 0.3000 flits/cycle/node at most",
        ),
    ],
    ids=["nothing", "free", "full", "between"],
)
def test_where_it_saturates(points, verdict):
    assert _verdict(Curve("xy", "first", points)) == verdict


KNOWN = TrafficEnergy("mine", 1234.0, 617.0, 17.0, 600.0, {"tile_mw": "no number", "link": "no number"}, ("as it is",))
UNKNOWN = TrafficEnergy("mine", None, None, None, None, {"link": "no number"}, ())


def lines_of(capsys, *energies):
    points = tuple(LoadPoint(0.1, 0.1, 0.1, 2.5, 6, 6, 2.25, 9, 9, 100, False, 0.1, energy) for energy in energies)
    _print([Curve("xy", "first", points)], "A sweep")
    return capsys.readouterr().out.splitlines()


def test_energies_stand_in_the_table_and_what_they_lack_below(capsys):
    lines = lines_of(capsys, KNOWN, UNKNOWN)
    head = next(line for line in lines if "offered" in line)
    first, second = (line for line in lines if line.startswith("   0.100"))
    assert head.endswith(" energy/packet")
    assert first.endswith(" 1.23 nJ")
    assert second.endswith(" –")
    assert len(head) == len(first) == len(second)
    assert lines[-4:] == [
        "energy by the table mine, leakage of all cycles included, over what was delivered in them",
        "not in this energy: 2 leakage of cores, links: no number",
        "energy, note: as it is",
        "not in this energy: 1 links: no number",
    ]


def test_nothing_is_said_of_energies_that_were_not_asked_for(capsys):
    assert not [line for line in lines_of(capsys, None) if "table" in line or "not in" in line]


def test_energy_of_a_single_measurement():
    assert energy_text(None) == energy_text(UNKNOWN) == "–"
    assert energy_rows(KNOWN) == [
        ("energy per packet delivered (mine)", "1.23", "nJ"),
        ("energy per flit delivered", "617", "pJ"),
        ("energy per flit, dynamic", "17.0", "pJ"),
        ("energy per flit, leakage", "600", "pJ"),
        ("not in this energy", "2", "leakage of cores, links: no number"),
        ("energy, note", "", "as it is"),
    ]
    assert energy_rows(UNKNOWN)[0] == ("energy per packet delivered (mine)", "–", "")
