"""Congestion that routers report to their neighbours, for selection strategies that look further ahead."""

from amaranth.hdl import ShapeLike
from amaranth.lib import data

from ..params import NetworkParams
from ..topology import LINKS, Port

__all__ = ["congestion_layout", "onward"]


def congestion_layout(params: NetworkParams) -> data.StructLayout | None:
    """The report of a link's receiver to its sender; ``None``, unless the selection is ``neighbours-on-path``.

    ========== ==================================================================================================
    ``level``  flits in the queue at the end of the link; only with one virtual channel: with several the sender
               counts credits
    ``beyond`` of each of the receiver's other links (`onward`): flits behind it, as far as the receiver knows; as
               many as there can be, if no packet can begin to leave there
    ========== ==================================================================================================

    All of it is 0 in a network at rest, and at the edge of a mesh.
    """
    if params.selection != "neighbours-on-path":
        return None
    channels, depth = params.virtual_channels, params.buffer_depth
    fields: dict[str, ShapeLike] = {"level": range(depth + 1)} if channels == 1 else {}
    fields["beyond"] = data.ArrayLayout(range(channels * depth + 1), len(LINKS) - 1)
    return data.StructLayout(fields)


def onward(port: Port) -> tuple[Port, ...]:
    """The links by which a packet that came in by a link can go on, in the order of `LINKS`."""
    return tuple(link for link in LINKS if link is not port)
