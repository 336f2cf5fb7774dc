"""The wires between two neighbouring routers, in one direction, with those that come back."""

from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .packet import PacketLayouts

__all__ = ["link_signature"]


def link_signature(layouts: PacketLayouts) -> wiring.Signature:
    """A link, seen from the router that sends.

    With one virtual channel it is a stream of flits. With several, a sender knows beforehand that there is room, for it
    counts: what it has sent on a channel, less the credits that have come back, is what the next queue holds at most.
    So nothing is ever offered in vain, and a channel that is full does not keep the others from the link. Its members:

    ========== ==== ===================================================================================
    ``valid``  Out  one bit for each virtual channel, at most one of them set: a flit passes on it now
    ``flit``   Out  that flit
    ``credit`` In   one bit for each virtual channel: a flit has left its queue at the other end
    ========== ==== ===================================================================================
    """
    channels = layouts.params.virtual_channels
    if channels == 1:
        return stream.Signature(layouts.flit)
    return wiring.Signature({"valid": Out(channels), "flit": Out(layouts.flit), "credit": In(channels)})
