"""What the command says of the curve of a network."""

from dataclasses import dataclass, field

import pytest

from synaptile.bridge.cli.sweep import _verdict
from synaptile.bridge.traffic.load_sweep import Curve


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
