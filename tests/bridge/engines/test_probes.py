"""Views of a node: where they are shown, and that every probe is found in the circuit by its path."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from synaptile.bridge.engines.probes import CHANNEL, FLIT, ONE_HOT, View, views
from synaptile.rtl import NetworkParams, PacketLayouts, Port, node_of
from synaptile.rtl.export import component_rtlil


@dataclass
class OneNode:
    """A mesh that is one node many times."""

    params: NetworkParams
    layouts: PacketLayouts
    nodes: list[Any]


def seen(number: int = 0, members: list[int] | None = None, **options: Any) -> tuple[list[View], dict[str, str]]:
    """The views of a node of a mesh of 2 × 3 nodes, and the RTLIL of the node's modules by name."""
    side = 2 if options.get("topology") == "tree" else 1
    params = NetworkParams(rows=2 * side, cols=3 * side, tag_bits=4, counter_bits=4, **options)
    node = node_of(params)
    found = views(OneNode(params, node.layouts, [node] * params.nodes), number, members)
    modules = re.findall(r"^module (\S+)$(.*?)^end$", component_rtlil(node, "node"), re.MULTILINE | re.DOTALL)
    return found, dict(modules)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"virtual_channels": 2},
        {"topology": "torus", "virtual_channels": 2},
        {"topology": "tree"},
        {"topology": "tree", "virtual_channels": 3},
        {"link_stages": 1},
        {"routing": "odd-even"},
    ],
)
def test_every_probe_is_a_signal_of_the_circuit(options: dict[str, Any]) -> None:
    found, modules = seen(**options)
    probes = [probe for view in found for probe in view.probes]
    assert len(probes) > 20
    for probe in probes:
        text = modules["\\" + ".".join(("node", *probe.modules))]
        width = rf"(?:width {probe.width} )?" if probe.width == 1 else f"width {probe.width} "
        assert re.search(rf"wire {width}(?:\w+ \d+ +)?\\{probe.path[-1]}$", text, re.MULTILINE), probe.path


def test_ports_at_the_edge_are_left_out_and_come_in_the_order_of_a_spike() -> None:
    scopes = list(dict.fromkeys(view.scope.partition(".")[2] for view in seen(number=0)[0]))
    links = ["east_in", "east_out", "south_in", "south_out"]
    assert scopes == ["", "spikes", "local_in", *links, "local_out", "arrivals"]
    scopes = list(dict.fromkeys(view.scope.partition(".")[2] for view in seen(number=4)[0]))
    links = ["north_in", "north_out", "east_in", "east_out", "west_in", "west_out"]
    assert scopes == ["", "spikes", "local_in", *links, "local_out", "arrivals"]


@pytest.mark.parametrize(("channels", "kind"), [(1, FLIT), (2, CHANNEL)])
def test_what_comes_in_over_a_link_is_named_after_its_sender(channels: int, kind: str) -> None:
    found, _ = seen(number=0, virtual_channels=channels)
    (incoming,) = [view for view in found if view.scope == "tile_0_0.east_in" and view.kind == kind]
    assert incoming.sender == "tile_0_1.west_out"
    assert {probe.node for probe in incoming.probes} <= {0, 1}
    (outgoing,) = [view for view in found if view.scope == "tile_0_0.east_out" and view.kind == kind]
    assert outgoing.sender == ""
    assert outgoing.layout == incoming.layout


def test_the_bits_of_a_grant_are_the_inputs_that_may_ask() -> None:
    found, _ = seen(number=0)
    (owner,) = [view for view in found if (view.scope, view.name) == ("tile_0_0.east_out", "owner")]
    assert owner.kind == ONE_HOT
    # Under XY, nothing turns from a column into a row.
    assert owner.ports == (Port.LOCAL, Port.WEST)
    assert len(owner.ports) == owner.probes[0].width


def test_some_tiles_of_a_cluster_come_with_its_hub_and_router() -> None:
    found, _ = seen(number=1, members=[2], topology="tree")
    scopes = list(dict.fromkeys(view.scope.partition(".")[0] for view in found))
    assert scopes == ["tile_1_2", "hub_0_1", "router_0_1"]
    (up,) = [view for view in found if view.scope == "hub_0_1.up_in" and view.kind == FLIT]
    assert up.sender == "router_0_1.local_out"
