# amaranth: UnusedElaboratable=no
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Cat, Fragment, Value
from amaranth.lib import wiring
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.reference_models import NeighboursTwin, onward_ways
from support.stream_harness import run_streams, simulate, unpack

from synaptile.rtl import Mesh, NetworkParams, PacketLayouts, Port, Tile, router_of
from synaptile.rtl.channel.congestion import congestion_layout, onward
from synaptile.rtl.routing import ROUTINGS, is_adaptive, turns
from synaptile.rtl.selection.neighbours_on_path import NeighboursOnPath
from synaptile.rtl.topology import LINKS

ADAPTIVE = [name for name, routing in ROUTINGS.items() if is_adaptive(routing)]


def params_of(**changes: Any) -> NetworkParams:
    return NetworkParams(**{"rows": 5, "cols": 5, "selection": "neighbours-on-path", "routing": "odd-even"} | changes)


@pytest.mark.parametrize("routing", ADAPTIVE)
@settings(max_examples=examples(8, 200), deadline=None)
@given(
    channels=st.integers(1, 3),
    depth=st.integers(1, 5),
    here=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    seed=st.integers(0, 2**32),
)
def test_it_does_what_its_twin_does(
    waves: Path, routing: str, channels: int, depth: int, here: tuple[int, int], seed: int
) -> None:
    """For any heads at any place, whatever the neighbours report; its own reports follow from what it knows."""
    params = params_of(routing=routing, virtual_channels=channels, buffer_depth=depth)
    relation, possible, most = ROUTINGS[routing], turns(ROUTINGS[routing]), channels * depth
    places = {
        port: [
            to
            for to in ((row, col) for row in range(5) for col in range(5))
            if all((port, out) in possible for out in relation.permitted(here, to, port))
        ]
        for port in Port
    }

    async def bench(ctx: Any, selector: NeighboursOnPath) -> None:
        rng, twin = random.Random(seed), NeighboursTwin(params)
        levels = dict.fromkeys(LINKS, 0)  # with one channel those of the next routers' queues, as reported
        ctx.set(selector.here, {"row": here[0], "col": here[1]})
        for _ in range(20):
            closed = rng.getrandbits(4)
            ctx.set(selector.closed, closed)
            mine = [rng.randint(0, most) for _ in LINKS]
            for i, level in enumerate(mine):
                ctx.set(selector.levels[i], level)
            if channels > 1:
                levels = dict(zip(LINKS, mine, strict=True))
            for port in Port:
                to = rng.choice(places[port])
                permitted = relation.permitted(here, to, port)
                options = {output for output in permitted if rng.random() < 0.8}
                ctx.set(selector.heads[port], {"row": to[0], "col": to[1]})
                ctx.set(selector.options[port], sum(1 << output for output in options))
                twin.look(port, onward_ways(relation, params, here, to, port))
                request = ctx.get(selector.requests[port])
                assert request == (1 << twin.choose(port, options) if options else 0)
            for i, port in enumerate(LINKS):
                report = ctx.get(selector.congestion_out[i])
                if channels == 1:
                    assert report.level == mine[i]
                for k, link in enumerate(onward(port)):
                    shut = closed >> LINKS.index(link) & 1
                    assert report.beyond[k] == (most if shut else levels[link])
            twin.reported = {}
            for i, port in enumerate(LINKS):
                beyond = [rng.choice([0, rng.randint(0, most), most]) for _ in range(3)]
                twin.reported[port] = dict(zip(onward(port.opposite), beyond, strict=True))
                level = rng.randint(0, depth)
                ctx.set(selector.congestion_in[i], {"beyond": beyond, **({"level": level} if channels == 1 else {})})
                if channels == 1:
                    levels = {**levels, port: level} if i else {port: level}
            twin.clock({}, set(), {})
            await ctx.tick()

    simulate(lambda: NeighboursOnPath(params), bench, waves=waves)


def test_it_is_busy_as_long_as_flits_are_reported(waves: Path) -> None:
    async def bench(ctx: Any, selector: NeighboursOnPath) -> None:
        busy = []
        for level, beyond in ((0, [0, 0, 0]), (1, [0, 0, 0]), (0, [0, 0, 2]), (0, [0, 0, 0]), (0, [0, 0, 0])):
            ctx.set(selector.congestion_in[2], {"level": level, "beyond": beyond})
            busy.append(ctx.get(selector.busy))
            await ctx.tick()
        assert busy == [0, 0, 1, 1, 0]

    simulate(lambda: NeighboursOnPath(params_of()), bench, waves=waves)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_router_reports_what_is_behind_its_outputs(waves: Path, channels: int) -> None:
    """Two packets of three flits from the west: the first holds the way east, which is shut, the second waits."""
    params = params_of(routing="west-first", flits_per_packet=3, buffer_depth=4, virtual_channels=channels)
    flit = PacketLayouts(params).flit
    west, north, east = (LINKS.index(port) for port in (Port.WEST, Port.NORTH, Port.EAST))

    async def bench(ctx: Any, router: Any) -> None:
        ctx.set(router.here, {"row": 2, "col": 2})
        into, at_north = router.link_in[west], router.link_in[north]
        eastward = onward(Port.NORTH).index(Port.EAST)
        head = {"head": {"dst": {"row": 2, "col": 4}, "neuron": 1}}
        levels, beyond = [], []
        for cycle in range(9):
            payload = flit.const({"last": cycle == 2, "data": head if cycle == 0 else {}})
            ctx.set(into.valid, cycle < 3)
            ctx.set(into.payload if channels == 1 else into.flit, payload)
            if channels == 1:
                ctx.set(router.link_out[east].ready, cycle > 5)
                levels.append(ctx.get(into.congestion).level)
            beyond.append(ctx.get(at_north.congestion).beyond[eastward])
            await ctx.tick()
        if channels == 1:
            assert levels == [0, 1, 2, 3, 3, 3, 3, 2, 1]
            # Held from the edge after the head's first offer on: nothing can begin to leave there.
            assert beyond == [0, 0, 4, 4, 4, 4, 4, 4, 4]
        else:
            # Another channel is free. No credit comes back.
            assert beyond == [0, 0, 1, 2, 3, 3, 3, 3, 3]

    simulate(lambda: router_of(params), bench, waves=waves)


def test_packets_keep_away_from_where_there_is_no_room_two_hops_on(waves: Path) -> None:
    """All that leads on from the east is shut. Other strategies go there, for they see an empty queue."""

    def delivered(selection: str, channels: int) -> list[int]:
        """Whose packets have arrived while two tiles take none."""
        params = NetworkParams(
            rows=2, cols=3, flits_per_packet=2, routing="west-first", tag_bits=8,
            selection=selection, virtual_channels=channels, buffer_depth=2,
        )  # fmt: skip
        layouts = PacketLayouts(params)
        offers = defaultdict(list)
        # From (0, 1) in turns to its neighbours, which take nothing; then from (0, 0) to (1, 2).
        journeys = [(1, 2, 0), (1, 4, 0)] * 6 + [(0, 5, 30)]
        for tag, (source, to, cycle) in enumerate(journeys):
            row, col = divmod(to, 3)
            spike = {"dst": {"row": row, "col": col}, "neuron": to, "stamp": 0, "tag": tag}
            offers[f"spikes.{source}"].append((cycle, layouts.spike.const(spike).as_value().value))
        shut = [False] * 60 + [True] * 100
        passed = run_streams(
            lambda: Mesh(params),
            offers,
            expected=2 * len(journeys),
            waves=waves,
            taking={"arrivals.2": shut, "arrivals.4": shut},
        )
        arrivals = [(cycle, unpack(layouts.arrival, word)) for cycle, word in passed["arrivals.5"]]
        return [cycle for cycle, arrival in arrivals if arrival["first"]]

    for channels in (1, 2):
        assert delivered("neighbours-on-path", channels)[0] < 50
        assert delivered("buffer-level", channels)[0] > 60


@pytest.mark.parametrize("changes", [{}, {"virtual_channels": 2}, {"link_stages": 1}], ids=str)
def test_no_output_of_a_tile_follows_a_report_within_a_cycle(waves: Path, changes: dict[str, int]) -> None:
    params = params_of(**changes)
    rng = random.Random(5)

    async def bench(ctx: Any, tile: Tile) -> None:
        outputs = [Value.cast(v) for _, member, v in tile.signature.flatten(tile) if member.flow is wiring.Out]
        reports = Cat(Value.cast(link.congestion) for link in tile.link_out)
        seen = set()
        for _ in range(20):
            before = ctx.get(Cat(outputs))
            seen.add(before)
            for _ in range(3):
                ctx.set(reports, rng.getrandbits(len(reports)))
                assert ctx.get(Cat(outputs)) == before
            await ctx.tick()
        # With several channels, reports serve the router alone; its own reports are what it has counted.
        assert len(seen) > (1 if params.virtual_channels > 1 else 10)

    simulate(lambda: Tile(params), bench, waves=waves)


def test_others_report_no_congestion() -> None:
    assert congestion_layout(params_of(selection="buffer-level")) is None
    for channels in (1, 2):
        tile = Tile(params_of(selection="first", virtual_channels=channels))
        Fragment.get(tile, None)
        for part in (tile, tile.router):
            assert not any("congestion" in path for path, _, _ in part.signature.flatten(part))


def test_another_selection_or_a_torus_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^selection must be 'neighbours-on-path', not 'random'$"):
        NeighboursOnPath(params_of(selection="random"))
    message = r"^selection must be first with routing 'xy', which never leaves a choice, not 'neighbours-on-path'$"
    with pytest.raises(ValueError, match=message):
        params_of(routing="xy", topology="torus", virtual_channels=2)
