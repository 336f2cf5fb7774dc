"""Routers: wormhole, with and without virtual channels, one circuit for all places."""

from amaranth.lib import wiring

from ..params import NetworkParams
from ..routing import Routing
from .virtual_channel_router import VirtualChannelRouter
from .wormhole_router import Router

__all__ = ["Router", "VirtualChannelRouter", "router_of"]


def router_of(params: NetworkParams, *, routing: Routing | None = None) -> wiring.Component:
    """The router of a network: the small one where links have one virtual channel. Raises what that raises."""
    return (Router if params.virtual_channels == 1 else VirtualChannelRouter)(params, routing=routing)
