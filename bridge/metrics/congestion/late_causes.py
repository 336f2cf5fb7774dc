"""Why packets were late: where their cycles went, and what would have brought them in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...engines.base import Ints
from ...tile_grid import TileGrid
from ..run_data import RunData
from ..steps import steps_of
from .load import Load, interpolated
from .ways import Ways, output_name

__all__ = ["CAUSES", "LateCauses", "Place", "late_causes", "parts_of"]

CAUSES: Mapping[str, str] = {
    "source wait": "waiting in the queue of their tile",
    "contention": "waiting for other packets on the way",
    "distance": "the way itself, and its flits one after another",
    "compute": "the work of their tile before they were created",
}
"""What the cycles of a packet go to, from the beginning of its step until its last flit has arrived."""

_MOST_PLACES = 5


@dataclass(frozen=True)
class Place:
    """A place where late packets lost time.

    Attributes
    ----------
    name
        As people read it.
    packets
        Late packets that waited there.
    cycles
        How long, all of them together.
    """

    name: str
    packets: int
    cycles: int


@dataclass(frozen=True)
class LateCauses:
    """Where the cycles of the late packets went.

    Attributes
    ----------
    count
        Late packets.
    cycles
        By cause, in the order of `CAUSES`: cycles of all of them. They sum to those from the beginning of each one's
        step until its last flit arrived.
    mostly
        By cause: packets of which it took the most cycles; of equal ones, the first in the order counts.
    saved
        By cause: packets that would have been in time without it, had all else been as it was.
    alone
        Packets that would be late with neither wait.
    needed
        Cycles per step with which all packets delivered, late or not, would have arrived in their own step, had they
        gone as they did; None if steps differ in length, or nothing was delivered.
    waited
        Tiles in whose queues the late packets waited longest.
    contended
        Outputs where they were held up longest: a packet's whole wait on the way is booked where the load was highest
        of the outputs on its way, each in the window of time in which it passed. Empty if the ways are not known.
    copies
        Part of the packets sent that are further copies of one spike's packet, which multicast sends as one; None with
        multicast, or if nothing was sent.
    """

    count: int
    cycles: dict[str, int]
    mostly: dict[str, int]
    saved: dict[str, int]
    alone: int
    needed: int | None
    waited: tuple[Place, ...]
    contended: tuple[Place, ...]
    copies: float | None

    @property
    def main(self) -> str | None:
        """The cause that took most cycles; None if nothing was late."""
        return max(self.cycles, key=lambda cause: self.cycles[cause]) if self.count else None

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        places = {
            name: [{"name": at.name, "packets": at.packets, "cycles": at.cycles} for at in getattr(self, name)]
            for name in ("waited", "contended")
        }
        names = ("count", "cycles", "mostly", "saved", "alone", "needed", "copies")
        return {name: getattr(self, name) for name in names} | {"main": self.main} | places

    def sentences(self) -> list[str]:
        """The same in words: only what follows from the numbers."""
        if not self.count:
            needed = "" if self.needed is None else f" {self.needed:,} cycles per step would do for these packets."
            return [f"No packet was late.{needed}"]
        total = max(1, sum(self.cycles.values()))
        main = self.main or ""
        text = [
            f"{_packets(self.count)} late. Of the cycles from the beginning of its step to its arrival, "
            "a late packet spent "
            + ", ".join(
                f"{cycles / self.count:,.1f} ({cycles / total:.0%}) on {CAUSES[cause]}"
                for cause, cycles in self.cycles.items()
                if cycles
            )
            + f" on average. {self.mostly[main]:,} lost most by {CAUSES[main]}."
        ]
        saved = [
            f"{self.saved[cause]:,} without {CAUSES[cause]}" for cause in ("source wait", "contention", "compute")
            if self.cycles[cause]
        ]  # fmt: skip
        if saved:
            text.append(f"Had all else been as it was, in time would have been: {'; '.join(saved)}.")
        if self.alone:
            text.append(
                f"{self.alone:,} would be late in an empty network, too: their step ends before their way does."
            )
        if self.waited:
            text.append(f"Longest waits before entering: {_list(self.waited)}.")
        if self.contended:
            text.append(f"Most held up where the load was highest on their way: {_list(self.contended)}.")
        if self.needed is not None:
            text.append(
                f"With {self.needed:,} cycles per step every packet, going as it did, "
                "would have arrived in its own step."
            )
        if main == "source wait" and self.copies:
            text.append(
                f"{self.copies:.0%} of all packets are further copies of a spike's packet for other tiles; "
                "multicast sends a spike as one packet, which waits once."
            )
        return text


def _packets(count: int) -> str:
    return "1 packet was" if count == 1 else f"{count:,} packets were"


def _list(places: tuple[Place, ...]) -> str:
    return "; ".join(f"{at.name} ({at.packets:,} packets, {at.cycles:,} cycles)" for at in places[:3])


def parts_of(run: RunData, which: npt.NDArray[np.integer]) -> dict[str, Ints]:
    """Cycles of some packets by cause: each shape of ``which``, the indices of deliveries.

    They sum to the cycles from the beginning of the step of its spike until its last flit had arrived.
    Distance is what its head takes in an empty network and a cycle for each further flit. Contention is the rest of the
    time between entering the network and the arrival of its last flit.
    """
    log, config = run.deliveries, run.config
    created, injected, completed = log.created[which], log.injected[which], log.completed[which]
    distance = TileGrid.of(config).zero_load(log.hops[which], config.link_stages) + config.flits_per_packet - 1
    return {
        "source wait": injected - created,
        "contention": completed - injected - distance,
        "distance": distance,
        "compute": created - _step_begins(run, which),
    }


def _step_begins(run: RunData, which: npt.NDArray[np.integer]) -> Ints:
    step = run.fired_steps[which]
    return step * run.config.cycles_per_step if run.starts is None else run.starts[step]


def late_causes(run: RunData, ways: Ways | str, load: Load) -> LateCauses:
    """Explain the late packets of a run, which are those that `late_arrivals` counts."""
    log, length = run.deliveries, run.config.cycles_per_step
    fired, completed = run.fired_steps, steps_of(log.completed, length, run.starts)
    late = np.flatnonzero(completed > fired)
    needed = None
    if run.starts is None and len(log):
        # A packet that was in time needed less than a step, and one that was late more.
        some = late if len(late) else slice(None)
        needed = int((log.completed[some] - fired[some] * length).max()) + 1
    after = fired[late] + 1
    ends = after * length if run.starts is None else np.append(run.starts, np.iinfo(np.int64).max)[after]
    del fired, completed
    parts = parts_of(run, late)
    arrived = log.completed[late]
    most = np.argmax(np.stack([parts[cause] for cause in CAUSES]), axis=0)
    waits = parts["source wait"] + parts["contention"]
    return LateCauses(
        count=len(late),
        cycles={cause: int(parts[cause].sum()) for cause in CAUSES},
        mostly={cause: int(np.count_nonzero(most == number)) for number, cause in enumerate(CAUSES)},
        saved={cause: int(np.count_nonzero(arrived - parts[cause] < ends)) for cause in CAUSES},
        alone=int(np.count_nonzero(arrived - waits >= ends)),
        needed=needed,
        waited=_waited(run, log.source[late], parts["source wait"]),
        contended=() if isinstance(ways, str) else _contended(run, ways, load, late, parts["contention"]),
        copies=_copies(run),
    )


def _copies(run: RunData) -> float | None:
    sent = run.packets
    if run.config.multicast or not len(sent):
        return None
    spikes = int(run.trace.spike_counts()[run.mapped.destinations.fan_out > 0].sum())
    return max(0.0, 1 - spikes / len(sent)) if run.config.core is None else None


def _waited(run: RunData, tile: Ints, cycles: Ints) -> tuple[Place, ...]:
    cols = run.config.cols
    return _places(tile, cycles, lambda number: f"tile ({number // cols},{number % cols})")


def _contended(run: RunData, ways: Ways, load: Load, late: Ints, cycles: Ints) -> tuple[Place, ...]:
    """Book each packet's wait on the way at the output of it that was busiest in the window in which it passed."""
    held = cycles > 0
    late, cycles = late[held], cycles[held]
    of = ways.of_packet[late]
    log = run.deliveries
    injected, delivered, zero_load = log.injected[late], log.delivered[late], ways.zero_load[of]
    assert load.flits is not None
    rate = load.flits / load.lengths[:, None]
    busiest, where = np.full(len(late), -1.0), np.zeros(len(late), np.int64)
    last = np.diff(ways.start)[of] - 1
    for number in range(ways.steps):
        step = ways.start[of] + np.minimum(number, last)  # a shorter way has its last output again
        cycle = interpolated(injected, delivered, ways.offset[step], zero_load)
        busy = rate[cycle // load.window, ways.output[step]]
        more = busy > busiest
        busiest[more], where[more] = busy[more], ways.output[step][more]
    grid = TileGrid.of(run.config)
    return _places(where, cycles, lambda number: output_name(number, grid))


def _places(where: Ints, cycles: Ints, name: Any) -> tuple[Place, ...]:
    waiting = cycles > 0
    where, cycles = where[waiting], cycles[waiting]
    packets = np.bincount(where)
    total = np.zeros(len(packets), np.int64)
    np.add.at(total, where, cycles)
    order = np.argsort(-total, kind="stable")[:_MOST_PLACES]
    return tuple(Place(name(at), int(packets[at]), int(total[at])) for at in order.tolist() if packets[at])
