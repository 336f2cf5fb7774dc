from typing import Any

import pytest
from amaranth.hdl import unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from synaptile.rtl import NetworkParams, PacketLayouts
from synaptile.rtl.channel.congestion import congestion_layout
from synaptile.rtl.channel.link import LinkSignature


def members(signature: wiring.Signature) -> dict[str, tuple[Any, int]]:
    """Flow and width of each member."""
    return {path[0]: (member.flow, len(value)) for path, member, value in signature.flatten(signature.create())}


def test_with_one_virtual_channel_it_is_a_stream() -> None:
    link = LinkSignature(flit=7)
    assert members(link) == {"payload": (Out, 7), "valid": (Out, 1), "ready": (In, 1)}
    assert members(link) == members(stream.Signature(7))


def test_with_several_it_has_valid_and_credit_for_each() -> None:
    link = LinkSignature(flit=7, virtual_channels=3)
    assert members(link) == {"valid": (Out, 3), "flit": (Out, 7), "credit": (In, 3)}


@pytest.mark.parametrize("channels", [1, 2])
def test_congestion_comes_back_from_the_receiver(channels: int) -> None:
    link = LinkSignature(flit=7, virtual_channels=channels, congestion=5)
    assert members(link) == {**members(LinkSignature(flit=7, virtual_channels=channels)), "congestion": (In, 5)}


@pytest.mark.parametrize("selection", ["first", "neighbours-on-path"])
@pytest.mark.parametrize("channels", [1, 4])
def test_the_links_of_a_network_have_its_flits_channels_and_congestion(selection: str, channels: int) -> None:
    params = NetworkParams(rows=3, cols=3, routing="odd-even", selection=selection, virtual_channels=channels)
    layouts = PacketLayouts(params)
    link = LinkSignature.of(layouts)
    assert (link.flit, link.virtual_channels, link.congestion) == (layouts.flit, channels, congestion_layout(params))
    assert (link.congestion is None) == (selection == "first")


def test_links_are_equal_if_their_parameters_are() -> None:
    link = LinkSignature(flit=7, virtual_channels=2, congestion=3)
    assert link == LinkSignature(flit=7, virtual_channels=2, congestion=3)
    assert link.flip() == LinkSignature(flit=7, virtual_channels=2, congestion=3).flip()
    assert link != link.flip()
    for other in (
        LinkSignature(flit=8, virtual_channels=2, congestion=3),
        LinkSignature(flit=7, virtual_channels=3, congestion=3),
        LinkSignature(flit=7, virtual_channels=2),
        stream.Signature(7),
    ):
        assert link != other
    assert LinkSignature(flit=7) != stream.Signature(7)
    assert repr(link) == "LinkSignature(flit=7, virtual_channels=2, congestion=3)"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"flit": None}, TypeError, r"^flit must be a shape, not None$"),
        ({"flit": "flit"}, TypeError, r"^flit must be a shape, not 'flit'$"),
        ({"congestion": "much"}, TypeError, r"^congestion must be a shape, not 'much'$"),
        ({"virtual_channels": 0}, ValueError, r"^virtual_channels must be at least 1, not 0$"),
        ({"virtual_channels": True}, TypeError, r"^virtual_channels must be an integer, not True$"),
        ({"virtual_channels": 2.0}, TypeError, r"^virtual_channels must be an integer, not 2\.0$"),
    ],
)
def test_what_is_no_link_is_refused(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        LinkSignature(**{"flit": unsigned(7)} | arguments)
