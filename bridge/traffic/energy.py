"""What it costs to carry synthetic traffic: the chip's energy table over a flit or packet delivered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from synaptile.rtl import NetworkParams
from synaptile.rtl.packet import PacketLayouts

from ..config import ChipConfig
from ..config.energy_price import TABLE, OperatingPoint
from ..engines.base import Activity
from ..metrics.core_work import CoreWork
from ..metrics.energy import Circuit, RunTime, energy_report

__all__ = ["Price", "TrafficEnergy", "traffic_energy"]


@dataclass(frozen=True)
class TrafficEnergy:
    """Energy of all cycles of a run, warm-up and draining included, over the flits delivered in them.

    Attributes
    ----------
    table
        Name of the energy table.
    per_packet_pj, per_flit_pj
        All that is known, in pJ; None if the table has no number for it, or nothing was delivered.
    dynamic_per_flit_pj, leakage_per_flit_pj
        Its parts; None likewise.
    not_in_total
        Term to the reason, for what happened and is in no sum.
    notes
        How numbers were made to fit the chip, in words.
    """

    table: str
    per_packet_pj: float | None
    per_flit_pj: float | None
    dynamic_per_flit_pj: float | None
    leakage_per_flit_pj: float | None
    not_in_total: dict[str, str]
    notes: tuple[str, ...]

    @property
    def cells(self) -> dict[str, Any]:
        """The same as columns of a table."""
        return {
            "energy_table": self.table,
            "energy_per_packet_pj": self.per_packet_pj,
            "energy_per_flit_pj": self.per_flit_pj,
            "energy_dynamic_per_flit_pj": self.dynamic_per_flit_pj,
            "energy_leakage_per_flit_pj": self.leakage_per_flit_pj,
            "energy_not_in_total": " ".join(self.not_in_total),
        }


Price = Callable[[NetworkParams, Activity], TrafficEnergy]
"""Returns the energy of what a network did."""


def traffic_energy(config: ChipConfig, params: NetworkParams, activity: Activity) -> TrafficEnergy:
    """Return what traffic took by a chip's table.

    Its cores have nothing to do, but leak if the table says so.

    Parameters
    ----------
    config
        The chip: its table, clock and kind of routing are used.
    params
        Its network, which may have another routing than the chip's own.
    activity
        What that did.
    """
    bits = PacketLayouts(params.replace(tag_bits=0)).flit.size
    point = OperatingPoint(params.buffer_depth, TABLE if config.multicast else params.routing, bits)
    circuit = Circuit(point, params.tiles, params.virtual_channels, params.flits_per_packet)
    # Synthetic traffic has no steps: there is no other time than the chip's.
    time = RunTime(chip_s=activity.cycles / config.clock_hz, network_s=0.0)
    report = energy_report(config.energy, activity, CoreWork(memory_reads=0, memory_writes=0), circuit, time)
    flits = activity.delivered_flits

    def per_flit(energy: float | None) -> float | None:
        return None if energy is None or not flits else energy / flits

    whole = per_flit(report.total_pj)
    return TrafficEnergy(
        table=report.table,
        per_packet_pj=None if whole is None else whole * params.flits_per_packet,
        per_flit_pj=whole,
        dynamic_per_flit_pj=per_flit(report.total_dynamic_pj),
        leakage_per_flit_pj=per_flit(report.static_pj),
        not_in_total=dict(report.not_in_total),
        notes=report.notes,
    )
