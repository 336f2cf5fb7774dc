"""The wires between two neighbouring routers, in one direction, with those that come back."""

from typing import Any

from amaranth.hdl import Shape, ShapeLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..packet import PacketLayouts
from .congestion import congestion_layout

__all__ = ["LinkSignature"]


class LinkSignature(wiring.Signature):
    """A link, seen from the router that sends.

    With one virtual channel it is a stream of flits. With several, a sender knows beforehand that there is room, for it
    counts: the flits that it has sent on a channel, less the credits that have come back, are the most that the next
    queue holds. So a flit is only sent if it is taken, and a channel that is full does not keep the others from the
    link.

    Parameters
    ----------
    flit
        Shape of a flit.
    virtual_channels
        Virtual channels of the link, 1 or more.
    congestion
        Shape of what the receiver reports of its congestion (`congestion_layout`); ``None`` for a link without.

    Members
    -------
    payload, valid, ready : Out(flit), Out(1), In(1)
        With one virtual channel: a stream.
    valid : Out(virtual_channels)
        With several: one bit for each, at most one of them set: a flit passes on that channel now.
    flit : Out(flit)
        With several: that flit.
    credit : In(virtual_channels)
        With several: one bit for each: a flit has left the channel's queue at the other end.
    congestion : In(congestion)
        With ``congestion``: the receiver's report.

    Raises
    ------
    TypeError
        If ``flit`` or ``congestion`` is no shape, or ``virtual_channels`` no integer.
    ValueError
        If ``virtual_channels`` is less than 1.
    """

    def __init__(self, *, flit: ShapeLike, virtual_channels: int = 1, congestion: ShapeLike | None = None) -> None:
        for name, shape in (("flit", flit), ("congestion", congestion)):
            if shape is not None or name == "flit":
                _require_shape(name, shape)
        if isinstance(virtual_channels, bool) or not isinstance(virtual_channels, int):
            raise TypeError(f"virtual_channels must be an integer, not {virtual_channels!r}")
        if virtual_channels < 1:
            raise ValueError(f"virtual_channels must be at least 1, not {virtual_channels}")
        self._flit = flit
        self._virtual_channels = virtual_channels
        self._congestion = congestion
        members: dict[str, wiring.Member] = (
            {"payload": Out(flit), "valid": Out(1), "ready": In(1)}
            if virtual_channels == 1
            else {"valid": Out(virtual_channels), "flit": Out(flit), "credit": In(virtual_channels)}
        )
        if congestion is not None:
            members["congestion"] = In(congestion)
        super().__init__(members)

    @classmethod
    def of(cls, layouts: PacketLayouts) -> "LinkSignature":
        """The links of a network."""
        params = layouts.params
        return cls(flit=layouts.flit, virtual_channels=params.virtual_channels, congestion=congestion_layout(params))

    @property
    def flit(self) -> ShapeLike:
        """Shape of a flit."""
        return self._flit

    @property
    def virtual_channels(self) -> int:
        """Virtual channels of the link."""
        return self._virtual_channels

    @property
    def congestion(self) -> ShapeLike | None:
        """Shape of the receiver's report; ``None`` without."""
        return self._congestion

    def __eq__(self, other: object) -> bool:
        return (
            type(other) is LinkSignature  # `isinstance` holds for a flipped one, too
            and self.flit == other.flit
            and self.virtual_channels == other.virtual_channels
            and self.congestion == other.congestion
        )

    def __repr__(self) -> str:
        return (
            f"LinkSignature(flit={self.flit!r}, virtual_channels={self.virtual_channels}, "
            f"congestion={self.congestion!r})"
        )


def _require_shape(name: str, shape: Any) -> None:
    try:
        Shape.cast(shape)
    except TypeError as error:
        raise TypeError(f"{name} must be a shape, not {shape!r}") from error
