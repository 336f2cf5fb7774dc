"""Channels of a network, and cycles of channels that wait for each other."""

from collections.abc import Mapping, Set

from ..topology import Port
from .relation import Position

__all__ = ["Channel", "channel_text", "cycle_in"]

Channel = tuple[Position, Port, int]
"""The virtual channels of one class on a link: the router that it leaves, through which port, and the class.

Packets may take any channel of a class, so all of them wait for the same things, and one stands for all."""


def channel_text(channel: Channel, *, with_class: bool) -> str:
    """A channel in words, with its class if channels have more than one."""
    here, port, number = channel
    return f"{here} {port.name} class {number}" if with_class else f"{here} {port.name}"


def cycle_in(graph: Mapping[Channel, Set[Channel]]) -> list[Channel]:
    """A cycle of channels, each waiting for the next and the last for the first; empty if there is none.

    ``graph`` has the channels that each channel waits for.
    """
    done: set[Channel] = set()
    for start in sorted(graph):
        if start in done:
            continue
        # Depth first; path is the chain of channels from start to the current one.
        path = [start]
        rest = [sorted(graph[start], reverse=True)]
        while path:
            if not rest[-1]:
                done.add(path.pop())
                rest.pop()
                continue
            following = rest[-1].pop()
            if following in path:
                return path[path.index(following) :]
            if following not in done:
                path.append(following)
                rest.append(sorted(graph[following], reverse=True))
    return []
