"""What pictures take of a run."""

from __future__ import annotations

from typing import Protocol

from synaptile.swsim.trace import Trace

from ..comparison.changes import Changes
from ..config import ChipConfig
from ..engines.base import Activity, Deliveries, Packets
from ..mapping import Mapping
from ..metrics import Metrics
from ..metrics.on_chip import OnChipLog

__all__ = ["PlottedRun"]


class PlottedRun(Protocol):
    """What pictures take of a `ChipRun`, whose attributes these are."""

    @property
    def config(self) -> ChipConfig:
        """The chip."""
        ...

    @property
    def trace(self) -> Trace:
        """The network's spikes and connections."""
        ...

    @property
    def mapping(self) -> Mapping:
        """The tiles of its neurons."""
        ...

    @property
    def packets(self) -> Packets:
        """The packets sent."""
        ...

    @property
    def deliveries(self) -> Deliveries:
        """Their arrivals."""
        ...

    @property
    def activity(self) -> Activity:
        """The events in routers and on links."""
        ...

    @property
    def metrics(self) -> Metrics:
        """The figures computed from these."""
        ...

    @property
    def log(self) -> OnChipLog | None:
        """What was seen of ticks and cores; None unless the neurons were those of the chip."""
        ...

    @property
    def partial(self) -> bool:
        """Whether the run was interrupted."""
        ...

    @property
    def changes(self) -> Changes | None:
        """What is different from the reference; None if it was not compared."""
        ...

    @property
    def not_compared(self) -> str | None:
        """Why it was not, if it was asked for."""
        ...
