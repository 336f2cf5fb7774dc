import pytest

from synaptile.rtl import NetworkParams, PacketLayouts
from synaptile.rtl.packet import leaves


def fields(params: NetworkParams, kind: str) -> dict[str, tuple[int, int]]:
    return {name: (field.offset, field.width) for name, field in getattr(PacketLayouts(params), kind)}


def test_fields_of_a_two_flit_packet() -> None:
    params = NetworkParams(rows=4, cols=8, neurons=1000, stamp_bits=12, tag_bits=5)
    assert fields(params, "position") == {"row": (0, 2), "col": (2, 3)}
    assert fields(params, "spike") == {"dst": (0, 5), "neuron": (5, 10), "stamp": (15, 12), "tag": (27, 5)}
    assert fields(params, "flit") == {"last": (0, 1), "data": (1, 15), "tag": (16, 5)}
    assert fields(params, "head") == {"dst": (0, 5), "neuron": (5, 10)}
    assert fields(params, "body") == {"index": (0, 1), "stamp": (1, 12)}
    assert fields(params, "arrival") == {
        "first": (0, 1),
        "last": (1, 1),
        "neuron": (2, 10),
        "index": (12, 1),
        "stamp": (13, 12),
        "tag": (25, 5),
    }


def test_a_single_flit_carries_neither_index_nor_stamp() -> None:
    params = NetworkParams(rows=2, cols=2, flits_per_packet=1, neurons=16)
    assert fields(params, "flit") == {"last": (0, 1), "data": (1, 6)}
    assert fields(params, "arrival") == {"first": (0, 1), "last": (1, 1), "neuron": (2, 4)}


@pytest.mark.parametrize("kind", ["spike", "flit", "arrival"])
def test_without_tag_bits_there_is_no_tag(kind: str) -> None:
    params = NetworkParams(rows=2, cols=2)
    assert "tag" not in fields(params, kind)
    assert "tag" in fields(params.replace(tag_bits=1), kind)


def test_a_mesh_one_tile_wide_needs_no_column() -> None:
    assert fields(NetworkParams(rows=3, cols=1), "position") == {"row": (0, 2), "col": (2, 0)}


def test_leaves_are_the_fields_without_fields_of_their_own() -> None:
    params = NetworkParams(rows=4, cols=8, neurons=1000, stamp_bits=12)
    assert list(leaves(PacketLayouts(params).flit)) == [
        (("last",), 0, 1),
        (("data", "head", "dst", "row"), 1, 2),
        (("data", "head", "dst", "col"), 3, 3),
        (("data", "head", "neuron"), 6, 10),
        (("data", "body", "index"), 1, 1),
        (("data", "body", "stamp"), 2, 12),
    ]
