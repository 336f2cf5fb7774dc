from pathlib import Path
from typing import Any

from amaranth.hdl import Cat, Value
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.strategies import network_params, patterns, policies
from support.stream_harness import Offer, run_streams, simulate, unpack

from synaptile.rtl import NetworkParams, PacketLayouts, Port, Tile
from synaptile.rtl.routing import ROUTINGS, turns
from synaptile.rtl.topology import LINKS


@st.composite
def offers_of(draw: st.DrawFn, params: NetworkParams, here: tuple[int, int]) -> dict[str, list[Offer]]:
    """Spikes of the tile itself and packets from each side, wherever the routing may send them."""
    layouts = PacketLayouts(params)
    routing = ROUTINGS[params.routing]
    possible = turns(routing)
    offers: dict[str, list[Offer]] = {}
    for port in Port:
        places = [
            (row, col)
            for row in range(params.rows)
            for col in range(params.cols)
            if all((port, out) in possible for out in routing.permitted(here, (row, col), port))
        ]
        items: list[Offer] = []
        for _ in range(draw(st.integers(0, 6))):
            row, col = draw(st.sampled_from(places))
            to = {"row": row, "col": col}
            neuron = draw(st.integers(0, params.neurons - 1))
            stamp = draw(st.integers(0, (1 << params.stamp_bits) - 1))
            if port is Port.LOCAL:
                items.append((0, layouts.spike.const({"dst": to, "neuron": neuron, "stamp": stamp}).as_value().value))
                continue
            for index in range(params.flits_per_packet):
                kind = {"body": {"index": index, "stamp": stamp}} if index else {"head": {"dst": to, "neuron": neuron}}
                flit = layouts.flit.const({"last": index == params.flits_per_packet - 1, "data": kind})
                items.append((0, flit.as_value().value))
        offers["spikes.0" if port is Port.LOCAL else f"link_in.{LINKS.index(port)}"] = items
    return offers


@settings(max_examples=examples(12, 60), deadline=None)
@given(st.data(), st.integers(0, 2**32))
def test_no_output_follows_an_input_within_a_cycle(waves: Path, data: st.DataObject, seed: int) -> None:
    params = data.draw(
        network_params(max_depth=4, counter_bits=data.draw(st.sampled_from([0, 4])), **data.draw(policies()))
    )
    here = data.draw(st.tuples(st.integers(0, params.rows - 1), st.integers(0, params.cols - 1)))
    offers = data.draw(offers_of(params, here))
    run_streams(
        lambda: Tile(params),
        offers,
        expected=len(offers["spikes.0"]) * params.flits_per_packet
        + sum(len(offers[f"link_in.{i}"]) for i in range(len(LINKS))),
        waves=waves,
        offering={name: data.draw(patterns()) for name in offers},
        taking={name: data.draw(patterns()) for name in ("arrivals.0", *(f"link_out.{i}" for i in range(len(LINKS))))},
        constants={"here": {"row": here[0], "col": here[1]}},
        glitches=seed,
    )


def test_a_spike_to_the_own_tile_arrives_one_cycle_later(waves: Path) -> None:
    params = NetworkParams(rows=3, cols=3, flits_per_packet=3)
    layouts = PacketLayouts(params)
    spike = layouts.spike.const({"dst": {"row": 1, "col": 2}, "neuron": 77, "stamp": 500}).as_value().value
    passed = run_streams(
        lambda: Tile(params),
        {"spikes.0": [(4, spike)]},
        expected=3,
        waves=waves,
        constants={"here": {"row": 1, "col": 2}},
    )
    assert [(cycle, unpack(layouts.arrival, word)) for cycle, word in passed["arrivals.0"]] == [
        (5, {"first": 1, "last": 0, "neuron": 77, "index": 0, "stamp": 0}),
        (6, {"first": 0, "last": 0, "neuron": 77, "index": 1, "stamp": 500}),
        (7, {"first": 0, "last": 1, "neuron": 77, "index": 2, "stamp": 500}),
    ]


def receivers(tile: Tile) -> Value:
    """The ready inputs of all output streams."""
    return Cat(tile.arrivals[0].ready, *(link.ready for link in tile.link_out))


def test_busy_from_the_cycle_after_a_spike_is_taken_until_its_last_flit_has_left(waves: Path) -> None:
    params = NetworkParams(rows=1, cols=2, flits_per_packet=3)

    async def bench(ctx: Any, tile: Tile) -> None:
        ctx.set(tile.spikes[0].payload, {"dst": {"row": 0, "col": 1}, "neuron": 1, "stamp": 2})
        ctx.set(tile.spikes[0].valid, 1)
        ctx.set(receivers(tile), -1)
        busy = []
        for _ in range(7):
            busy.append(ctx.get(tile.busy))
            await ctx.tick()
            ctx.set(tile.spikes[0].valid, 0)
        assert busy == [0, 1, 1, 1, 0, 0, 0]

    simulate(lambda: Tile(params), bench, waves=waves)


def test_counters_count_what_leaves_and_enters(waves: Path) -> None:
    params = NetworkParams(rows=1, cols=3, flits_per_packet=2, counter_bits=8)

    async def bench(ctx: Any, tile: Tile) -> None:
        ctx.set(tile.here, {"row": 0, "col": 1})
        ctx.set(receivers(tile), -1)
        for to, count in ((0, 1), (1, 2), (2, 3)):
            ctx.set(tile.spikes[0].payload, {"dst": {"row": 0, "col": to}, "neuron": 0, "stamp": 0})
            ctx.set(tile.spikes[0].valid, 1)
            for _ in range(count):
                await ctx.tick().until(tile.spikes[0].ready)
        ctx.set(tile.spikes[0].valid, 0)
        await ctx.tick().repeat(6)
        leaving = {Port.LOCAL: 2, Port.NORTH: 0, Port.EAST: 3, Port.SOUTH: 0, Port.WEST: 1}
        for port, packets in leaving.items():
            assert ctx.get(tile.packets_out[port]) == packets
            assert ctx.get(tile.flits_out[port]) == packets * 2
        assert ctx.get(tile.flits_in[0]) == 12

    simulate(lambda: Tile(params), bench, waves=waves)


def test_a_packet_that_waits_for_its_output_is_counted_once(waves: Path) -> None:
    params = NetworkParams(rows=1, cols=2, flits_per_packet=2, counter_bits=8)

    async def bench(ctx: Any, tile: Tile) -> None:
        ctx.set(tile.spikes[0].payload, {"dst": {"row": 0, "col": 1}, "neuron": 0, "stamp": 0})
        ctx.set(tile.spikes[0].valid, 1)
        await ctx.tick().until(tile.spikes[0].ready)
        ctx.set(tile.spikes[0].valid, 0)
        await ctx.tick().repeat(5)
        assert ctx.get(tile.flits_out[Port.EAST]) == 0
        ctx.set(receivers(tile), -1)
        await ctx.tick().repeat(5)
        assert ctx.get(tile.packets_out[Port.EAST]) == 1
        assert ctx.get(tile.flits_out[Port.EAST]) == 2

    simulate(lambda: Tile(params), bench, waves=waves)
