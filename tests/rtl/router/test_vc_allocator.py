# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stream_harness import simulate

from synaptile.rtl.router.vc_allocator import ChannelAllocator, channels_of_class


@pytest.mark.parametrize(
    ("channels", "classes", "shares"),
    [
        (1, 1, [[0]]),
        (4, 1, [[0, 1, 2, 3]]),
        (2, 2, [[0], [1]]),
        (3, 2, [[0], [1, 2]]),
        (4, 2, [[0, 1], [2, 3]]),
    ],
)
def test_classes_share_the_channels(channels: int, classes: int, shares: list[list[int]]) -> None:
    assert [list(share) for share in channels_of_class(channels, classes)] == shares


class Twin:
    """What is taken and how much room there is, in plain numbers."""

    def __init__(self, channels: int, depth: int, classes: int) -> None:
        self.depth = depth
        self.shares = channels_of_class(channels, classes)
        self.taken = [False] * channels
        self.room = [depth] * channels

    def offer(self, number: int) -> int | None:
        free = [i for i in self.shares[number] if not self.taken[i] and self.room[i]]
        return next((i for i in free if self.room[i] == self.depth), free[0] if free else None)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_allocator_does_what_its_twin_does(waves: Path, data: st.DataObject) -> None:
    channels = data.draw(st.integers(1, 4))
    classes = data.draw(st.integers(1, min(2, channels)))
    depth = data.draw(st.integers(1, 4))
    script = data.draw(st.lists(st.tuples(*[st.integers(0, 15)] * 3, st.booleans()), max_size=40))

    async def bench(ctx: Any, allocator: ChannelAllocator) -> None:
        twin = Twin(channels, depth, classes)
        under_way = [0] * channels
        for credit, wish, channel, last in script:
            offers = [twin.offer(number) for number in range(classes)]
            for number, offer in enumerate(offers):
                assert ctx.get(allocator.offer[number]) == (0 if offer is None else 1 << offer)
            assert ctx.get(allocator.room) == sum(1 << i for i, room in enumerate(twin.room) if room)
            assert ctx.get(allocator.used) == sum(depth - room for room in twin.room)
            sent = None
            if wish % 3 == 0:
                sent = offers[wish % classes]
            elif wish % 3 == 1 and twin.taken[channel % channels] and twin.room[channel % channels]:
                sent = channel % channels
            back = [bool(credit >> i & 1 and under_way[i]) for i in range(channels)]
            ctx.set(allocator.sent, 0 if sent is None else 1 << sent)
            ctx.set(allocator.last, last)
            ctx.set(allocator.credit, sum(1 << i for i, given in enumerate(back) if given))
            await ctx.tick()
            for i in range(channels):
                twin.room[i] += back[i] - (i == sent)
                under_way[i] += (i == sent) - back[i]
            if sent is not None:
                twin.taken[sent] = not last

    simulate(lambda: ChannelAllocator(channels, depth=depth, classes=classes), bench, waves=waves)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"channels": 0, "depth": 1}, "channels must be at least 1, not 0"),
        ({"channels": 1, "depth": 0}, "depth must be at least 1, not 0"),
        ({"channels": 1, "depth": 1, "classes": 0}, "classes must be at least 1, not 0"),
        ({"channels": 1, "depth": 1, "classes": 2}, "channels must be at least 2, one for each class, not 1"),
    ],
)
def test_impossible_parameters_are_refused(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        ChannelAllocator(**arguments)
