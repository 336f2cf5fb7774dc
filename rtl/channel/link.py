"""The wires between two neighbouring routers, in one direction, with those that come back."""

from typing import Any

from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..packet import PacketLayouts
from .congestion import news_layout

__all__ = ["link_signature", "with_news", "without_news"]


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

    A selection strategy that asks the neighbours adds ``news``, In (`news_layout`).
    """
    channels, news = layouts.params.virtual_channels, news_layout(layouts.params)
    flits: wiring.Signature = stream.Signature(layouts.flit)
    if channels > 1:
        flits = wiring.Signature({"valid": Out(channels), "flit": Out(layouts.flit), "credit": In(channels)})
    return flits if news is None else wiring.Signature({**dict(flits.members.items()), "news": In(news)})


def with_news(layouts: PacketLayouts, flits: Any, news: Any, *, outgoing: bool) -> wiring.PureInterface:
    """One end of a link whose flits and news are apart. ``outgoing``: the end from which flits leave."""
    signature = link_signature(layouts)
    return _made_of(signature if outgoing else signature.flip(), flits, news=news)


def without_news(link: Any) -> wiring.PureInterface:
    """The end of a link but for its news, to be connected with `wiring.connect`."""
    members = {name: member for name, member in link.signature.members.items() if name != "news"}
    return _made_of(wiring.Signature(members), link)


def _made_of(signature: Any, flits: Any, **more: Any) -> wiring.PureInterface:
    """An interface whose members are those of another one, and more."""
    joined = wiring.PureInterface(signature, path=("link",))
    for name in signature.members:
        setattr(joined, name, more[name] if name in more else getattr(flits, name))
    return joined
