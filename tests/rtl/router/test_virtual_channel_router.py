"""A router with virtual channels, flit by flit; proofs that it loses and mixes nothing are in tests/formal."""

from pathlib import Path
from typing import Any

import pytest
from support.stream_harness import simulate

from synaptile.rtl import NetworkParams, PacketLayouts, Port, router_of
from synaptile.rtl.topology import LINKS

PARAMS = NetworkParams(rows=3, cols=3, virtual_channels=2, flits_per_packet=2, buffer_depth=2)
EAST, WEST, NORTH = (LINKS.index(port) for port in (Port.EAST, Port.WEST, Port.NORTH))
Sent = list[tuple[int, int, int]]
"""Cycle, virtual channel and neuron (of a head) or stamp (of a tail)."""


def flits(neuron: int, row: int, col: int) -> list[dict[str, Any]]:
    """A packet."""
    return [
        {"last": 0, "data": {"head": {"dst": {"row": row, "col": col}, "neuron": neuron}}},
        {"last": 1, "data": {"body": {"index": 1, "stamp": 100 + neuron}}},
    ]


def run(waves: Path, arriving: dict[tuple[int, int], list[dict[str, Any]]], *, credits_from: int = 0) -> Sent:
    """The flits sent to the east, by a router in the middle, of those that arrive from the west or the north.

    ``arriving``: of (link, channel), a flit in each cycle in which that link is free, the first channel first. The
    next router gives a credit back in the cycle after a flit, but not before ``credits_from``.
    """
    flit = PacketLayouts(PARAMS).flit
    sent: Sent = []

    async def bench(ctx: Any, router: Any) -> None:
        sent.clear()
        queues = {key: list(items) for key, items in arriving.items()}
        room = dict.fromkeys(queues, PARAMS.buffer_depth)
        owed = [0, 0]
        ctx.set(router.here, {"row": 1, "col": 1})
        for cycle in range(20):
            for number in {link for link, _ in queues}:
                link = router.link_in[number]
                for channel in range(2):
                    if (number, channel) in room:
                        room[number, channel] += ctx.get(link.credit) >> channel & 1
                ready = [c for (n, c), items in queues.items() if n == number and items and room[n, c]]
                channel = min(ready, default=None)
                ctx.set(link.valid, 0 if channel is None else 1 << channel)
                if channel is not None:
                    room[number, channel] -= 1
                    ctx.set(link.flit, flit.const(queues[number, channel].pop(0)))
            out = router.link_out[EAST]
            returned = [int(owed[channel] > 0 and cycle >= credits_from) for channel in range(2)]
            ctx.set(out.credit, returned[0] | returned[1] << 1)
            owed = [count - back for count, back in zip(owed, returned, strict=True)]
            valid = ctx.get(out.valid)
            if valid:
                channel = {1: 0, 2: 1}[valid]
                owed[channel] += 1
                word = ctx.get(out.flit)
                sent.append((cycle, channel, word.data.body.stamp if word.last else word.data.head.neuron))
            await ctx.tick()
        assert not any(queues.values())

    simulate(lambda: router_of(PARAMS), bench, waves=waves)
    return sent


def test_a_hop_takes_one_cycle_and_a_packet_keeps_its_channel(waves: Path) -> None:
    assert run(waves, {(WEST, 0): flits(1, 1, 2)}) == [(1, 0, 1), (2, 0, 101)]


@pytest.mark.parametrize("number", [3, 4])
def test_packets_of_one_channel_follow_each_other(waves: Path, number: int) -> None:
    sent = run(waves, {(WEST, 1): [flit for n in range(number) for flit in flits(n, 1, 2)]})
    assert [word for _, _, word in sent] == [word for n in range(number) for word in (n, 100 + n)]


def test_packets_on_two_channels_share_the_link_flit_by_flit(waves: Path) -> None:
    """While the first packet waits for its second flit, the other goes on; each keeps the channel of its head."""
    one, other = flits(1, 1, 2), flits(2, 1, 2)
    sent = run(waves, {(WEST, 0): [one[0], one[1]], (WEST, 1): [other[0], other[1]]})
    channels = {word: channel for _, channel, word in sent}
    assert channels[1] == channels[101] != channels[2] == channels[102]
    assert sorted(word for _, _, word in sent) == [1, 2, 101, 102]
    assert [cycle for cycle, _, _ in sent] == [1, 2, 3, 4]


def test_no_more_is_sent_on_a_channel_than_there_is_room_for(waves: Path) -> None:
    """Six flits, two queues of two: the last two wait for credits, which come from cycle 9 on."""
    sent = run(waves, {(WEST, 0): [flit for n in range(3) for flit in flits(n, 1, 2)]}, credits_from=9)
    assert [word for _, _, word in sent] == [0, 100, 1, 101, 2, 102]
    cycles = [cycle for cycle, _, _ in sent]
    assert cycles[:4] == [1, 2, 3, 4]
    assert cycles[4] == 10
