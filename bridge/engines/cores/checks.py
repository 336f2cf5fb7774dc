"""Checks of what is given to engines of chips of cores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from amaranth.hdl import Shape, signed

from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.params import DELAY_SLOTS
from synaptile.rtl.core.shapes import weight_shape
from synaptile.rtl.core.truenorth import AXON_TYPES

from ..base import Ints
from ..ledger import entries_of, known_keys
from .image import CoreImage, HostEvents

__all__ = ["check_events", "check_images", "check_schedule", "reach_of"]


def check_images(
    images: Sequence[CoreImage], network: NetworkParams, core: CoreParams, variables: Mapping[str, Shape]
) -> None:
    """Raise ``ValueError`` naming the first image that does not fit, with the rule and the value.

    Parameters
    ----------
    variables
        Shape of each variable of a neuron.
    """
    weight = Shape.cast(weight_shape(core))
    if len(images) != network.tiles:
        raise ValueError(f"images must be one for each of the {network.tiles} tiles, not {len(images)}")
    for tile, image in enumerate(images):
        where = f"of the image of tile {tile}"
        size = core.axons, core.neurons
        if image.weights.shape != size:
            raise ValueError(f"weights {where} must have shape {size}, not {image.weights.shape}")
        if image.variables.keys() != variables.keys():
            names = ", ".join(image.variables) or "none"
            raise ValueError(f"variables {where} must be {', '.join(variables)}, not {names}")
        if len(image.tile) > core.targets:
            raise ValueError(f"entries {where} must be at most {core.targets}, the targets, not {len(image.tile)}")
        if len(image.last) and not image.last[-1]:
            raise ValueError(f"last {where} must be 1 at the end of the table, not {image.last[-1]}")
        sent = image.delay > 0
        keys = max(1, network.table_entries)
        for name, values, low, high in (
            ("weights", image.weights, *((0, AXON_TYPES) if core.neuron == "truenorth" else _range(weight))),
            *((variable, image.variables[variable], *_range(shape)) for variable, shape in variables.items()),
            ("first", image.first, -1, len(image.tile) - 1),
            ("delay", image.delay, 0, DELAY_SLOTS - 1),
            ("last", image.last, 0, 1),
            ("tile", image.tile[sent], 0, network.tiles - 1),
            ("axon", image.axon[sent], 0, core.axons - 1),
            ("key", image.key[sent], 0, keys - 1),
        ):
            _check_range(f"{name} {where}", values, low, high)
        if core.neuron == "truenorth":
            _check_types(where, image.weights)


def _check_types(where: str, weights: Ints) -> None:
    """Raise ``ValueError`` if an axon of TrueNorth's has synapses of several types."""
    highest = weights.max(axis=1)
    mixed = (weights != 0) & (weights != highest[:, None])
    if mixed.any():
        axon = int(mixed.any(axis=1).argmax())
        one = weights[axon][mixed[axon]][0]
        raise ValueError(
            f"weights {where} must be 0 or of one type in each row, not {one} and {highest[axon]} in {axon}"
        )


def _range(shape: Shape) -> tuple[int, int]:
    """The lowest and highest number of a shape."""
    if shape == signed(shape.width):
        return -(1 << shape.width - 1), (1 << shape.width - 1) - 1
    return 0, (1 << shape.width) - 1


def _check_range(name: str, values: Ints, low: int, high: int) -> None:
    wrong = (values < low) | (values > high)
    if wrong.any():
        raise ValueError(f"{name} must lie in {low}..{high}, not {values[wrong][0]}")


def check_events(events: HostEvents, network: NetworkParams, core: CoreParams, known: Ints | None, node: int) -> None:
    """Raise ``ValueError`` for the first event that cannot be sent to what it names.

    ``known`` is what `known_keys` gives, ``node`` that at which the host enters.
    """
    keys = max(1, network.table_entries)
    for name, values, low, high in (
        ("tile", events.tile, 0, network.tiles - 1),
        ("axon", events.axon, 0, core.axons - 1),
        ("delay", events.delay, 1, DELAY_SLOTS - 1),
        ("key", events.key, 0, keys - 1),
    ):
        wrong = (values < low) | (values > high)
        if wrong.any():
            which = int(np.argmax(wrong))
            raise ValueError(f"{name} of event {which} must lie in {low}..{high}, not {values[which]}")
    if known is not None:
        unknown = ~np.isin(node * network.table_entries + events.key, known)
        if unknown.any():
            which = int(np.argmax(unknown))
            raise ValueError(f"key of event {which} must have an entry at the host's tile, not {events.key[which]}")


def check_schedule(ticks: int, events: HostEvents, when: Ints, cycles: int | None) -> None:
    """Raise ``ValueError`` unless there are such ticks, and every event is in one of them, ascending."""
    if ticks < 0:
        raise ValueError(f"ticks must be at least 0, not {ticks}")
    if cycles is not None and cycles < 1:
        raise ValueError(f"cycles must be at least 1, not {cycles}")
    if when.shape != (len(events),):
        raise ValueError(f"when must have shape ({len(events)},), not {when.shape}")
    if len(when) and (np.diff(when) < 0).any():
        raise ValueError("when must be ascending")
    _check_range("when", when, 0, ticks - 1)


def reach_of(
    network: NetworkParams, table: RoutingTable | None
) -> tuple[Ints | None, dict[tuple[int, int], tuple[int, ...]]]:
    """What `known_keys` gives, and the tiles, ascending, that packets from a node with a key get to."""
    known = known_keys(entries_of(table, network), network)
    if known is None or table is None:
        return None, {}
    reached: dict[tuple[int, int], tuple[int, ...]] = {}
    for place in known.tolist():
        node, key = divmod(place, network.table_entries)
        found = table.targets(key, divmod(node, network.mesh_cols))
        reached[node, key] = tuple(sorted(row * network.cols + col for row, col in found))
    return known, reached
