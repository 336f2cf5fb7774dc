from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.strategies import Spike, network_params, patterns, policies, traffic
from support.stream_harness import Pattern, run_streams, unpack

from synaptile.rtl import Mesh, NetworkParams, PacketLayouts
from synaptile.rtl.routing import ROUTINGS, is_adaptive

TAG_BITS = 12


def send(
    params: NetworkParams,
    spikes: list[Spike],
    waves: Path,
    taking: dict[str, Pattern] | None = None,
    limit: int = 5000,
) -> tuple[dict[int, int], dict[int, list[tuple[int, int, dict[str, int]]]]]:
    """Send spikes tagged by number through a mesh.

    Returns the cycle in which each was injected, and (cycle, tile, arrival) of each one's flits, by tag.
    """
    layouts = PacketLayouts(params)
    offers: dict[str, list[tuple[int, int]]] = defaultdict(list)
    order: dict[int, list[int]] = defaultdict(list)
    for tag, spike in enumerate(spikes):
        row, col = divmod(spike.destination, params.cols)
        fields = {"dst": {"row": row, "col": col}, "neuron": spike.neuron, "stamp": spike.stamp, "tag": tag}
        offers[f"spikes.{spike.source}"].append((spike.cycle, layouts.spike.const(fields).as_value().value))
        order[spike.source].append(tag)
    passed = run_streams(
        lambda: Mesh(params),
        offers,
        expected=len(spikes) * params.flits_per_packet,
        waves=waves,
        taking=taking,
        limit=limit,
    )
    injected = {
        tag: cycle
        for tile, tags in order.items()
        for tag, (cycle, _) in zip(tags, passed[f"spikes.{tile}"], strict=True)
    }
    arrived = defaultdict(list)
    for tile in range(params.tiles):
        for cycle, word in passed[f"arrivals.{tile}"]:
            arrival = unpack(layouts.arrival, word)
            arrived[arrival["tag"]].append((cycle, tile, arrival))
    return injected, arrived


@settings(max_examples=examples(6, 40), deadline=None)
@given(st.data())
def test_every_packet_arrives_once_unchanged_and_in_order(waves: Path, data: st.DataObject) -> None:
    check_delivery(data, data.draw(network_params(tag_bits=TAG_BITS, **data.draw(policies()))), waves)


@settings(max_examples=examples(4, 8), deadline=None)
@given(st.data())
def test_so_it_does_on_a_torus(waves: Path, data: st.DataObject) -> None:
    fixed = {
        "tag_bits": TAG_BITS,
        "virtual_channels": data.draw(st.integers(2, 3)),
        "topology": "torus",
        "routing": data.draw(st.sampled_from(["xy", "yx"])),
    }
    check_delivery(data, data.draw(network_params(max_rows=2, max_cols=5, max_depth=3, **fixed)), waves)


@settings(max_examples=examples(4, 8), deadline=None)
@given(st.data())
def test_so_it_does_with_virtual_channels(waves: Path, data: st.DataObject) -> None:
    channels = data.draw(st.integers(2, 4))
    policy = {name: value for name, value in data.draw(policies()).items() if name != "arbitration"}
    fixed = {"tag_bits": TAG_BITS, "virtual_channels": channels, **policy}
    check_delivery(data, data.draw(network_params(max_rows=3, max_cols=2, max_depth=4, **fixed)), waves)


def check_delivery(data: st.DataObject, params: NetworkParams, waves: Path) -> None:
    spikes = data.draw(traffic(params))
    taking = {f"arrivals.{tile}": data.draw(patterns()) for tile in range(params.tiles)}
    injected, arrived = send(params, spikes, waves, taking)

    assert sorted(arrived) == list(range(len(spikes)))
    for tag, spike in enumerate(spikes):
        flits = arrived[tag]
        assert {tile for _, tile, _ in flits} == {spike.destination}
        expected = []
        for index in range(params.flits_per_packet):
            fields = {
                "first": int(index == 0),
                "last": int(index == params.flits_per_packet - 1),
                "neuron": spike.neuron,
            }
            if params.flits_per_packet > 1:
                fields |= {"index": index, "stamp": spike.stamp if index else 0}
            expected.append(fields | {"tag": tag})
        assert [arrival for _, _, arrival in flits] == expected
        assert injected[tag] >= spike.cycle
        assert flits[0][0] >= injected[tag] + 1 + hops(spike, params)

    # Flits of different packets never mix at a tile. Without a choice of ways or channels, the packets of one pair of
    # tiles keep their order.
    in_order = not is_adaptive(ROUTINGS[params.routing]) and params.virtual_channels == 1
    by_tile: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for tag, flits in arrived.items():
        for cycle, tile, _ in flits:
            by_tile[tile].append((cycle, tag))
    for tile, events in by_tile.items():
        tags = [tag for _, tag in sorted(events)]
        firsts = tags[:: params.flits_per_packet]
        assert tags == [tag for tag in firsts for _ in range(params.flits_per_packet)]
        for source in range(params.tiles) if in_order else ():
            mine = [tag for tag in firsts if spikes[tag].source == source]
            assert mine == sorted(mine), f"packets from tile {source} to tile {tile} changed their order"


def hops(spike: Spike, params: NetworkParams) -> int:
    (r0, c0), (r1, c1) = divmod(spike.source, params.cols), divmod(spike.destination, params.cols)
    down, along = abs(r0 - r1), abs(c0 - c1)
    if params.topology == "torus":
        down, along = min(down, params.rows - down), min(along, params.cols - along)
    return down + along


@pytest.mark.parametrize(("routing", "channels", "size"), [("xy", 1, 5), ("yx", 1, 5), ("xy", 2, 4), ("yx", 3, 3)])
def test_zero_load_latency_is_hops_plus_one_for_every_pair(routing: str, channels: int, size: int, waves: Path) -> None:
    """All sources send to the tile at the same offset at once: such packets never want the same link."""
    params = NetworkParams(
        rows=size, cols=size, flits_per_packet=1, tag_bits=TAG_BITS, routing=routing, virtual_channels=channels
    )
    spikes = []
    pause = 2 * size
    offsets = [(dr, dc) for dr in range(1 - size, size) for dc in range(1 - size, size)]
    for number, (dr, dc) in enumerate(offsets):
        for row in range(size):
            for col in range(size):
                if 0 <= row + dr < size and 0 <= col + dc < size:
                    spikes.append(Spike(number * pause, row * size + col, (row + dr) * size + col + dc, 0, 0))
    assert len({(spike.source, spike.destination) for spike in spikes}) == size**4
    injected, arrived = send(params, spikes, waves)
    for tag, spike in enumerate(spikes):
        ((cycle, tile, _),) = arrived[tag]
        assert tile == spike.destination
        assert injected[tag] == spike.cycle
        assert cycle - spike.cycle == hops(spike, params) + 1, spike


@pytest.mark.parametrize("flits", [2, 4])
@pytest.mark.parametrize(("depth", "channels"), [(2, 1), (3, 1), (3, 2), (4, 4)])
def test_the_flits_of_a_lone_packet_follow_its_head_without_a_gap(
    flits: int, depth: int, channels: int, waves: Path
) -> None:
    """A credit takes three cycles, so that a virtual channel needs room for three flits."""
    params = NetworkParams(
        rows=3, cols=2, flits_per_packet=flits, buffer_depth=depth, tag_bits=TAG_BITS, virtual_channels=channels
    )
    pairs = [(a, b) for a in range(params.tiles) for b in range(params.tiles)]
    spikes = [Spike(number * 12, a, b, number, number) for number, (a, b) in enumerate(pairs)]
    _, arrived = send(params, spikes, waves)
    for tag, spike in enumerate(spikes):
        first = spike.cycle + hops(spike, params) + 1
        assert [cycle for cycle, _, _ in arrived[tag]] == list(range(first, first + flits))


@pytest.mark.parametrize(("depth", "interval"), [(1, 2), (2, 1), (3, 1), (4, 1)])
@pytest.mark.parametrize("flits", [1, 3])
def test_a_flow_over_two_hops_keeps_its_links_busy(depth: int, interval: int, flits: int, waves: Path) -> None:
    params = NetworkParams(rows=1, cols=3, flits_per_packet=flits, buffer_depth=depth, tag_bits=TAG_BITS)
    spikes = [Spike(0, 0, 2, 0, 0) for _ in range(40)]
    _, arrived = send(params, spikes, waves)
    cycles = sorted(cycle for flits_ in arrived.values() for cycle, _, _ in flits_)
    assert cycles == [3 + interval * i for i in range(40 * flits)]


@pytest.mark.parametrize(("channels", "depth"), [(2, 2), (2, 4), (3, 2), (4, 3)])
def test_so_does_a_flow_over_several_channels(channels: int, depth: int, waves: Path) -> None:
    params = NetworkParams(
        rows=1, cols=3, flits_per_packet=1, buffer_depth=depth, tag_bits=TAG_BITS, virtual_channels=channels
    )
    _, arrived = send(params, [Spike(0, 0, 2, 0, 0) for _ in range(40)], waves)
    assert sorted(cycle for flits_ in arrived.values() for cycle, _, _ in flits_) == list(range(3, 43))


@pytest.mark.parametrize(("stages", "channels", "depth"), [(1, 1, 4), (3, 1, 1), (2, 2, 5), (1, 3, 1)])
def test_registers_along_a_link_cost_a_cycle_each_and_lose_nothing(
    stages: int, channels: int, depth: int, waves: Path
) -> None:
    params = NetworkParams(
        rows=2,
        cols=3,
        flits_per_packet=2,
        buffer_depth=depth,
        tag_bits=TAG_BITS,
        virtual_channels=channels,
        link_stages=stages,
    )
    pairs = [(a, b) for a in range(params.tiles) for b in range(params.tiles)]
    spikes = [Spike(number * 40, a, b, number, number) for number, (a, b) in enumerate(pairs)]
    # Then all at once, to receivers that stall.
    spikes += [Spike(1600, a, b, 0, a * 8 + b) for a, b in pairs * 4]
    taking = {f"arrivals.{tile}": [True] * 1600 + [tile % 2 == 0, False, True] * 700 for tile in range(params.tiles)}
    _, arrived = send(params, spikes, waves, taking)
    assert sorted(arrived) == list(range(len(spikes)))
    for tag, spike in enumerate(spikes[: len(pairs)]):
        assert arrived[tag][0][0] == spike.cycle + 1 + hops(spike, params) * (1 + stages)
    for tag, flits in arrived.items():
        assert [tile for _, tile, _ in flits] == [spikes[tag].destination] * 2


def test_a_link_with_registers_still_carries_a_flit_each_cycle(waves: Path) -> None:
    params = NetworkParams(rows=1, cols=3, flits_per_packet=1, tag_bits=TAG_BITS, link_stages=3)
    _, arrived = send(params, [Spike(0, 0, 2, 0, 0) for _ in range(40)], waves)
    assert sorted(cycle for flits_ in arrived.values() for cycle, _, _ in flits_) == list(range(9, 49))


@pytest.mark.parametrize("channels", [1, 2])
def test_a_packet_passes_one_that_waits_only_on_another_channel(channels: int, waves: Path) -> None:
    params = NetworkParams(
        rows=1, cols=3, flits_per_packet=3, buffer_depth=3, tag_bits=TAG_BITS, virtual_channels=channels
    )
    blocked = {"arrivals.1": [False] * 60 + [True] * 60}
    _, arrived = send(params, [Spike(0, 0, 1, 0, 0), Spike(0, 0, 2, 0, 0)], waves, blocked)
    assert arrived[0][0][0] == 60
    assert (arrived[1][0][0] < 60) == (channels == 2)


_MIXED = "packets on several channels mix on a link, so that the last one may wait for its rest: 166 cycles, not 161"


@pytest.mark.parametrize("channels", [1, pytest.param(4, marks=pytest.mark.xfail(reason=_MIXED))])
def test_tiles_that_all_send_to_one_fill_its_link(channels: int, waves: Path) -> None:
    params = NetworkParams(rows=3, cols=3, flits_per_packet=2, tag_bits=TAG_BITS, virtual_channels=channels)
    spikes = [Spike(0, source, 4, source, 0) for _ in range(10) for source in range(9) if source != 4]
    _, arrived = send(params, spikes, waves)
    cycles = sorted(cycle for flits in arrived.values() for cycle, _, _ in flits)
    assert cycles == list(range(2, 2 + 160))
