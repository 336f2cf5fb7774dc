"""Tables of connections and pairs of populations, and of pairs, links, routers and tiles over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from synaptile.rtl.topology import Port

from ..metrics import RunData
from ..metrics.congestion.load import Load
from ..metrics.detail.by_neuron import connection_figures, neuron_figures
from ..metrics.detail.by_pair import PopulationPairs
from ..metrics.detail.figures import Columns
from ..metrics.detail.flows import Changes, Flows, flows_of, interval_changes
from ..metrics.detail.queues import queued_packets
from .table import Column, Table, owners

__all__ = ["Details", "detail_tables", "units_of"]

_UNITS = {
    **dict.fromkeys(("latency_mean", "latency_p99", "latency_max", "jitter"), "cycles"),
    **dict.fromkeys(("isi_distortion_mean", "isi_distortion_max"), "cycles"),
    "late_steps_max": "steps",
    **dict.fromkeys(("disorder", "disorder_mean"), "(arrivals/step)²"),
    "order_changes": "pairs",
    **dict.fromkeys(("from_cycle", "to_cycle"), "cycles"),
    **dict.fromkeys(("flits", "entered_flits", "left_flits"), "flits"),
    "load": "flits/cycle",
    "queued_mean": "packets",
}


def units_of(columns: Mapping[str, Column]) -> dict[str, str]:
    """Return the units of the columns that are figures of `synaptile.bridge.metrics.detail`."""
    return {name: _UNITS[name] for name in columns if name in _UNITS}


class Details:
    """Figures of a run in detail, each computed when it is asked for.

    Parameters
    ----------
    data
        The run.
    """

    def __init__(self, data: RunData) -> None:
        self.data = data

    @cached_property
    def flows(self) -> Flows:
        """Its connections."""
        return flows_of(self.data)

    @cached_property
    def changes(self) -> Changes:
        """Their intervals."""
        return interval_changes(self.data, self.flows)

    def of_neurons(self) -> Columns:
        """Figures of each neuron; NaN throughout if packets were not seen."""
        found = neuron_figures(self.data, self.flows, self.changes)
        if not self.data.unseen:
            return found
        return {name: np.full(len(values), np.nan) for name, values in found.items()}


def detail_tables(details: Details, load: Load) -> Iterator[Table]:
    """Make the tables; those over time are in the windows of ``load``."""
    yield _connections(details)
    pairs = PopulationPairs(details.data, details.flows, details.changes)
    labels = np.array([one.label for one in details.data.trace.populations], object)
    columns = {"source": labels[pairs.source], "target": labels[pairs.target], **pairs.figures()}
    yield Table("population_pairs", "population_pair", columns, units_of(columns))
    over_time = pairs.over_time(load.window)
    pair, window = over_time.pop("pair"), over_time.pop("window")
    columns = {
        "source": labels[pairs.source[pair]],
        "target": labels[pairs.target[pair]],
        **_cycles(window, load),
        **over_time,
    }
    yield Table("population_pairs_over_time", "population_pair_window", columns, units_of(columns))
    yield from _loads(details.data, load)


def _connections(details: Details) -> Table:
    flows, config = details.flows, details.data.config
    population, index = owners(details.data.trace)
    columns = {
        "neuron": flows.neuron,
        "population": population[flows.neuron],
        "index": index[flows.neuron],
        "tile": flows.tile,
        "row": flows.tile // config.cols,
        "col": flows.tile % config.cols,
        **connection_figures(flows, details.changes),
    }
    return Table("connections", "connection", columns, units_of(columns))


def _cycles(window: Column, load: Load) -> Columns:
    """Return the windows of rows, and the first cycle of each and the one after its last."""
    begin = window * load.window
    return {"window": window, "from_cycle": begin, "to_cycle": np.minimum(begin + load.window, load.cycles)}


def _loads(data: RunData, load: Load) -> Iterator[Table]:
    """Links and routers, of which all windows have a row if the ways of packets are known, else none; and tiles."""
    nodes, hubs, cols = len(data.activity.flits), len(data.activity.hub_flits), data.activity.mesh_cols
    ports = [port.name for port in Port]
    number = np.concatenate([np.arange(nodes), np.arange(hubs)])
    router = {
        "router": np.array(["node"] * nodes + ["hub"] * hubs, object),
        "node": number,
        "row": number // cols,
        "col": number % cols,
    }
    link = {name: np.repeat(values, len(ports)) for name, values in router.items()}
    link["port"] = np.array(ports * len(number), object)
    seen = 0 if data.unseen else load.windows
    for name, row, places, flits in (
        ("links_over_time", "link_window", link, load.flits),
        ("routers_over_time", "router_window", router, load.routers),
    ):
        known = np.zeros((0, len(next(iter(places.values())))), np.int64) if flits is None else flits[:seen]
        columns = _in_windows(places, load, {"flits": known})
        columns["load"] = columns["flits"] / (columns["to_cycle"] - columns["from_cycle"])
        yield Table(name, row, columns, units_of(columns))
    tile = np.arange(data.config.tiles)
    places = {"tile": tile, "row": tile // data.config.cols, "col": tile % data.config.cols}
    values = {
        "entered_flits": load.entered[:seen],
        "left_flits": load.left[:seen],
        "queued_mean": queued_packets(data, load.window, load.windows)[:seen],
    }
    columns = _in_windows(places, load, values)
    yield Table("tiles_over_time", "tile_window", columns, units_of(columns))


def _in_windows(places: Columns, load: Load, values: Columns) -> Columns:
    """Return a row for each place in each window, window by window, of values of shape (windows, places)."""
    windows, size = next(iter(values.values())).shape
    return {
        **{name: np.tile(column, windows) for name, column in places.items()},
        **_cycles(np.repeat(np.arange(windows), size), load),
        **{name: array.reshape(-1) for name, array in values.items()},
    }
