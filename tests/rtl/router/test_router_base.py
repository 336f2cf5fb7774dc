# amaranth: UnusedElaboratable=no
import inspect
from typing import Any

import pytest
from amaranth.hdl import Fragment
from amaranth.lib import stream, wiring

from synaptile.rtl import NetworkParams, PacketLayouts, Port, Router, router_of
from synaptile.rtl.channel.link import LinkSignature
from synaptile.rtl.router import VirtualChannelRouter
from synaptile.rtl.router.router_base import RouterBase
from synaptile.rtl.topology import LINKS

NETWORKS: list[dict[str, Any]] = [
    {},
    {"routing": "odd-even", "selection": "neighbours-on-path"},
    {"routing": "table", "table_entries": 4},
]


def router(channels: int, **changes: Any) -> Any:
    made = router_of(NetworkParams(rows=4, cols=4, virtual_channels=channels, **changes))
    Fragment.get(made, None)  # Amaranth warns of a component that is never used
    return made


@pytest.mark.parametrize("changes", NETWORKS, ids=str)
def test_both_routers_have_the_same_ports(changes: dict[str, Any]) -> None:
    """Names, directions, dimensions and kinds of signature; only the number of channels on the links differs."""
    wormhole, channels = router(1, **changes), router(2, **changes)
    assert (type(wormhole), type(channels)) == (Router, VirtualChannelRouter)
    found = [
        {
            name: (member.flow, member.dimensions, type(member.signature) if member.is_signature else member.shape)
            for name, member in each.signature.members.items()
        }
        for each in (wormhole, channels)
    ]
    assert found[0] == found[1]
    assert set(found[0]) - {"configure"} == {"here", "local_in", "local_out", "link_in", "link_out", "busy"}
    assert ("configure" in found[0]) == ("table_entries" in changes)


@pytest.mark.parametrize("channels", [1, 2])
def test_flits_come_in_and_go_out_by_the_members_of_a_port(channels: int) -> None:
    made = router(channels)
    layouts = PacketLayouts(made.params)
    assert made.entering(Port.LOCAL).signature == stream.Signature(layouts.flit).flip()
    assert made.leaving(Port.LOCAL).signature == stream.Signature(layouts.flit)
    for i, port in enumerate(LINKS):
        assert made.entering(port) is made.link_in[i]
        assert made.leaving(port) is made.link_out[i]
        assert made.leaving(port).signature == LinkSignature.of(layouts)


@pytest.mark.parametrize("channels", [1, 2])
def test_connections_are_those_of_the_routing(channels: int) -> None:
    made = router(channels)
    assert made.sources(Port.EAST) == [Port.LOCAL, Port.WEST]
    assert made.destinations(Port.NORTH) == [Port.LOCAL, Port.SOUTH]
    assert made.sources(Port.LOCAL) == made.destinations(Port.LOCAL) == list(Port)


@pytest.mark.parametrize("kind", [Router, VirtualChannelRouter])
def test_a_router_refuses_the_channels_of_the_other_kind(kind: type[RouterBase]) -> None:
    rule = "1 in a Router, not 2" if kind is Router else "at least 2 in a VirtualChannelRouter, not 1"
    with pytest.raises(ValueError, match=rf"^virtual_channels must be {rule}$"):
        kind(NetworkParams(rows=2, cols=2, virtual_channels=2 if kind is Router else 1))


@pytest.mark.parametrize("kind", [Router, VirtualChannelRouter])
def test_a_router_is_described_by_short_methods(kind: type[wiring.Component]) -> None:
    lines, _ = inspect.getsourcelines(kind.elaborate)
    assert len(lines) <= 40
