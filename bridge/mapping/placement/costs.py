"""What a finished placement costs on a chip, exactly as an engine counts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from synaptile.rtl.packet import PacketLayouts
from synaptile.rtl.params import NetworkParams

from ...config import ChipConfig
from ...config.energy_price import TABLE, OperatingPoint
from ...config.energy_terms import GROUPS
from ...config.parameters import network_values
from ...engines.router_events import router_events
from ...tile_grid import TileGrid
from .loads import expected_activity
from .traffic import Traffic

__all__ = ["OBJECTIVES", "Costs", "Evaluation", "energy_ways", "evaluate", "router_energies"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Costs:
    """The costs of a placement.

    Attributes
    ----------
    packets
        Packets that tiles send.
    spike_hops
        Packets over links between routers (`Activity.packet_hops`): with unicast, Σ packets × hops.
    worst_link
        Flits over the busiest link between routers, links to and from hubs included.
    energy_pj
        Dynamic energy of routers and links in pJ by the chip's table; NaN if it has no number for any of them.
    """

    packets: int
    spike_hops: int
    worst_link: int
    energy_pj: float

    def to_dict(self) -> dict[str, float | None]:
        """JSON types; None for an energy that is not known."""
        values: dict[str, float | None] = asdict(self)
        return values if self.energy_pj == self.energy_pj else {**values, "energy_pj": None}


OBJECTIVES: dict[str, Callable[[Costs], float]] = {
    "spike-hops": lambda costs: costs.spike_hops,
    "worst-link": lambda costs: costs.worst_link,
    "energy": lambda costs: costs.energy_pj,
}
"""What can be made small, by name."""


class Evaluation:
    """Counts what placements of some traffic do on a chip; what does not depend on the placement is found out once.

    ``Evaluation(traffic, config)(tile)`` is ``evaluate(traffic, tile, config)``.
    """

    def __init__(self, traffic: Traffic, config: ChipConfig) -> None:
        self._traffic, self._config = traffic, config
        self._energies = router_energies(config)
        self._hub_links_apart = config.energy.value("link_hub") is not None

    def __call__(self, tile: Ints) -> Costs:
        """Return the costs of a placement; raises ``ValueError`` as `expected_activity`."""
        activity = expected_activity(self._traffic, tile, self._config)
        events = router_events(activity, hub_links_apart=self._hub_links_apart)
        events["packet"] = int(activity.injected_flits.sum()) // self._config.flits_per_packet
        energies = self._energies
        energy = sum(number * events[term] for term, number in energies.items()) if energies else float("nan")
        links = max(int(activity.link_flits.max(initial=0)), int(activity.hub_link_flits.max(initial=0)))
        return Costs(events["packet"], activity.packet_hops, links, energy)


def evaluate(traffic: Traffic, tile: Ints, config: ChipConfig) -> Costs:
    """Count what a placement does on a chip; parameters and errors are as in `expected_activity`."""
    return Evaluation(traffic, config)(tile)


def router_energies(config: ChipConfig) -> dict[str, float]:
    """Return the numbers that the chip's energy table has, in pJ, for events in routers and on links."""
    network = NetworkParams(**network_values(config))
    flit_bits = PacketLayouts(network.replace(tag_bits=0)).flit.size
    point = OperatingPoint(config.buffer_depth, TABLE if config.multicast else config.routing, flit_bits)
    prices = config.energy.at(point)
    known = {term: prices[term].number for term in GROUPS["routing"] if term in prices}
    return {term: number for term, number in known.items() if number is not None}


def energy_ways(config: ChipConfig) -> tuple[float, float, float]:
    """Return the energy in pJ of a packet for a link along a column, one along a row, and for leaving its node.

    What a packet takes wherever it goes is left out; `evaluate` has the exact sum.

    Raises
    ------
    ValueError
        If the energy table has no number that depends on a packet's way.
    """
    energies, flits = router_energies(config), config.flits_per_packet
    router = flits * sum(energies.get(term, 0) for term in ("buffer_write", "buffer_read", "buffer_write_read"))
    router += flits * energies.get("crossbar_switch", 0)
    router += sum(energies.get(term, 0) for term in ("route", "select", "route_arbitrate"))
    hop, link = energies.get("packet_hop", 0), energies.get("link", 0) * flits
    down = router + hop + link + energies.get("link_ns", 0) * flits
    along = router + hop + link + energies.get("link_ew", 0) * flits
    hub = energies["link_hub"] * flits if "link_hub" in energies else link
    # To another node, a packet goes through one more hub and one router more than there are links between routers.
    apart = 2 * (router + hop + hub) if TileGrid.of(config).interconnect.has_hubs else 0.0
    if max(down, along, apart) <= 0:
        raise ValueError(
            f"energy cannot be an objective: the table {config.energy.name} has no number for routers or links"
        )
    return down, along, apart
