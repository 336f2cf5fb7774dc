import re

import pytest

from synaptile.rtl import NetworkParams
from synaptile.rtl.params import SELECTIONS
from synaptile.rtl.selection.strategies import CHANNEL_SELECTORS, SELECTORS

GOOD = {"rows": 2, "cols": 3}


@pytest.mark.parametrize(
    ("name", "value", "low", "high"),
    [
        ("rows", 0, 1, 256),
        ("rows", 257, 1, 256),
        ("cols", -1, 1, 256),
        ("buffer_depth", 0, 1, 64),
        ("buffer_depth", 65, 1, 64),
        ("flits_per_packet", 0, 1, 16),
        ("flits_per_packet", 17, 1, 16),
        ("neurons", 0, 1, 1 << 62),
        ("stamp_bits", 33, 0, 32),
        ("tag_bits", -1, 0, 64),
        ("counter_bits", 65, 0, 64),
        ("selection_seed", 0, 1, 65535),
        ("selection_seed", 65536, 1, 65535),
        ("dyad_threshold", -1, 0, 64),
        ("table_entries", (1 << 16) + 1, 0, 1 << 16),
        ("virtual_channels", 0, 1, 4),
        ("link_stages", 9, 0, 8),
        ("virtual_channels", 5, 1, 4),
    ],
)
def test_a_parameter_out_of_its_range_is_refused(name: str, value: int, low: int, high: int) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must lie in {low}\.\.{high}, not {value}$"):
        NetworkParams(**GOOD | {name: value})


def test_body_flits_need_a_stamp() -> None:
    assert NetworkParams(**GOOD, flits_per_packet=1, stamp_bits=0).stamp_bits == 0
    message = "flits_per_packet must be 1 when stamp_bits is 0 (body flits carry the stamp), not 2"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        NetworkParams(**GOOD, flits_per_packet=2, stamp_bits=0)


@pytest.mark.parametrize("value", [2.0, "2", None, True])
@pytest.mark.parametrize(
    "name", ["rows", "cols", "buffer_depth", "flits_per_packet", "neurons", "stamp_bits", "selection_seed"]
)
def test_a_parameter_that_is_not_an_integer_is_refused(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=rf"^{name} must be an integer, not {value!r}$"):
        NetworkParams(**GOOD | {name: value})


@pytest.mark.parametrize(("count", "bits"), [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (16, 4)])
def test_derived_widths_number_exactly_what_there_is(count: int, bits: int) -> None:
    params = NetworkParams(rows=count, cols=count, neurons=count, flits_per_packet=count)
    assert (params.row_bits, params.col_bits, params.neuron_bits, params.index_bits) == (bits,) * 4
    assert params.tiles == count * count


def test_changed_parameters_are_validated_again() -> None:
    params = NetworkParams(**GOOD)
    assert params.replace(rows=4) == NetworkParams(rows=4, cols=3)
    with pytest.raises(ValueError, match=r"^rows must lie in 1\.\.256, not 0$"):
        params.replace(rows=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"routing": "zigzag"}, "routing must be one of xy, yx, west-first, .*, dyad, table, not 'zigzag'"),
        (
            {"selection": "best"},
            "selection must be one of first, round-robin, random, buffer-level, neighbours-on-path, not 'best'",
        ),
        (
            {"routing": "yx", "selection": "random"},
            "selection must be first with routing 'yx', which never leaves a choice, not 'random'",
        ),
        ({"topology": "ring"}, "topology must be one of mesh, torus, tree, not 'ring'"),
        (
            {"topology": "tree", "rows": 3},
            "rows must be a multiple of 2 with a tree, whose clusters are 2 x 2 tiles, not 3",
        ),
        ({"arbitration": "fair"}, "arbitration must be one of round-robin, through-first, not 'fair'"),
        (
            {"arbitration": "through-first", "virtual_channels": 2},
            "arbitration must be round-robin with 2 virtual_channels, not 'through-first'",
        ),
        (
            {"arbitration": "through-first", "routing": "west-first"},
            "arbitration must be round-robin with routing 'west-first', not 'through-first'",
        ),
        (
            {"arbitration": "through-first", "routing": "table", "table_entries": 4},
            "arbitration must be round-robin with routing 'table', not 'through-first'",
        ),
        (
            {"topology": "torus"},
            "virtual_channels must be at least 2 on a torus, or packets can deadlock round a ring, not 1",
        ),
        (
            {"topology": "torus", "virtual_channels": 2, "routing": "west-first"},
            "routing must be xy or yx on a torus without tables, not 'west-first'",
        ),
        ({"routing": "table"}, "table_entries must be at least 1 with routing 'table', not 0"),
        ({"table_entries": 4}, "table_entries must be 0 with routing 'xy', not 4"),
        ({"multicast": True}, "multicast must be False with routing 'xy', which has one way for a packet, not True"),
        (
            {"routing": "table", "table_entries": 4, "multicast": True, "flits_per_packet": 5},
            "buffer_depth must be at least 5, the flits of a packet, with multicast, not 4",
        ),
        (
            {"routing": "table", "table_entries": 4, "multicast": True, "selection": "random"},
            "selection must be first with routing 'table', not 'random'",
        ),
        (
            {"routing": "table", "table_entries": 4, "topology": "torus"},
            "virtual_channels must be at least 2 on a torus, or packets can deadlock round a ring, not 1",
        ),
        (
            {"routing": "odd-even", "dyad_threshold": 2},
            "dyad_threshold must be left out with routing 'odd-even', which ignores it, not 2",
        ),
        (
            {"routing": "dyad", "dyad_threshold": 5},
            r"dyad_threshold must lie in 0\.\.4, the buffer_depth, not 5",
        ),
    ],
)
def test_impossible_routing_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        NetworkParams(**GOOD | changes)


def test_a_threshold_is_half_the_buffer_unless_given() -> None:
    assert NetworkParams(**GOOD, routing="dyad", buffer_depth=7).congestion_threshold == 3
    assert NetworkParams(**GOOD, routing="dyad", buffer_depth=7, dyad_threshold=7).congestion_threshold == 7


def test_every_selection_has_a_selector() -> None:
    assert list(SELECTIONS) == list(SELECTORS) == list(CHANNEL_SELECTORS)
