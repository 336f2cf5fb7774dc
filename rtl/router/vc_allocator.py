"""Virtual-channel allocation: the free channels of a link, and the credits of each."""

from functools import reduce
from operator import add

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["ChannelAllocator", "channels_of_class"]


def channels_of_class(channels: int, classes: int) -> list[range]:
    """The virtual channels of each class: equal shares, the last class having what is left over."""
    share = channels // classes
    return [range(k * share, channels if k == classes - 1 else (k + 1) * share) for k in range(classes)]


class ChannelAllocator(wiring.Component):
    """Hands out the virtual channels of a link, and counts the room behind them.

    A packet has a virtual channel from its head to its last flit. A head is given a free one of its class: one whose
    queue at the other end is empty, if there is such a one, else one with room; of several, the first. A channel is
    free again as soon as the last flit has been sent, so that its queue can hold flits of two packets, one after the
    other.

    Parameters
    ----------
    channels
        Virtual channels, 1 or more.
    depth
        Flits that the queue of each holds at the other end.
    classes
        Number of classes into which they are divided (`channels_of_class`).

    Members
    -------
    credit : In(channels)
        A flit has left the queue at the other end.
    offer : array(classes) of Out(channels)
        The channel that a head of this class would get, one-hot; zero if it has to wait. Depends on registers only.
    room : Out(channels)
        Channels with room for a flit behind them. Depends on registers only.
    sent : In(channels)
        The channel on which a flit is sent in this cycle, one-hot; zero if none is. Only where there is room, and only
        on an offered channel if it is a head.
    last : In(1)
        It is the last of its packet.
    used : Out(range)
        Flits under way to the queues at the other end, in them, or whose credits are under way back.

    Raises
    ------
    ValueError
        If a parameter is less than 1, or there are fewer channels than classes.
    """

    def __init__(self, channels: int, *, depth: int, classes: int = 1) -> None:
        for name, value in (("channels", channels), ("depth", depth), ("classes", classes)):
            if value < 1:
                raise ValueError(f"{name} must be at least 1, not {value!r}")
        if channels < classes:
            raise ValueError(f"channels must be at least {classes}, one for each class, not {channels}")
        self._channels = channels
        self._depth = depth
        self._classes = channels_of_class(channels, classes)
        super().__init__(
            {
                "credit": In(channels),
                "offer": Out(channels).array(classes),
                "room": Out(channels),
                "sent": In(channels),
                "last": In(1),
                "used": Out(range(channels * depth + 1)),
            }
        )
        self.taken = Signal(channels)
        self.credits = [Signal(range(depth + 1), init=depth, name=f"credits_{i}") for i in range(channels)]

    def elaborate(self, platform: object) -> Module:
        m = Module()
        empty = Cat(credits == self._depth for credits in self.credits)
        m.d.comb += [
            self.room.eq(Cat(credits != 0 for credits in self.credits)),
            self.used.eq(reduce(add, (self._depth - credits for credits in self.credits))),
        ]
        for offer, members in zip(self.offer, self._classes, strict=True):
            first, last = members.start, members.stop
            best, good = Signal(len(members)), Signal(len(members))
            m.d.comb += [
                best.eq(empty[first:last] & ~self.taken[first:last]),
                good.eq(self.room[first:last] & ~self.taken[first:last]),
                offer[first:last].eq(Mux(best.any(), best & -best, good & -good)),
            ]
        for i, credits in enumerate(self.credits):
            with m.If(self.sent[i]):
                m.d.sync += self.taken[i].eq(~self.last)
            with m.If(self.sent[i] & ~self.credit[i]):
                m.d.sync += credits.eq(credits - 1)
            with m.Elif(self.credit[i] & ~self.sent[i]):
                m.d.sync += credits.eq(credits + 1)
        return m
