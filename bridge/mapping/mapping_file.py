"""A mapping as a file: found once, by ``synaptile map`` or by hand, and taken by every later run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as Values
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from synaptile.swsim.base.whole_file import write_text

from ..config import ChipConfig
from ..errors import MappingError, show
from .connectivity import Connectivity
from .network import Network
from .tile_mapping import Mapping, MappingReport, slots_in_order

__all__ = ["GivenMapping", "fingerprint", "save_mapping"]

Ints = npt.NDArray[np.int64]

_FORMAT, _VERSION = "synaptile-mapping", 1
_MAX_BYTES = 1 << 31


def fingerprint(connectivity: Connectivity) -> str:
    """Return what tells networks apart: a digest of the number of neurons and of which listens to which."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(np.array([connectivity.neurons], "<i8").tobytes())
    for ids in (connectivity.pre, connectivity.post):
        digest.update(np.ascontiguousarray(ids, "<i8").tobytes())
    return digest.hexdigest()


def save_mapping(
    path: str | Path,
    network: Network,
    config: ChipConfig,
    mapping: Mapping,
    report: MappingReport,
    found: Values[str, Any] | None = None,
) -> Path:
    """Write a mapping as JSON, whole or not at all; return its path.

    ``found`` says how it was found, in JSON types, for whoever reads the file. ``docs/mapping.md`` has its keys. Raises
    ``OSError`` if the file cannot be written.
    """
    values = {
        "format": _FORMAT,
        "version": _VERSION,
        "chip": {
            "name": config.name,
            "mesh": list(config.mesh),
            "topology": config.topology,
            "crossbar": {"axons": config.crossbar.axons, "neurons": config.crossbar.neurons},
        },
        "network": {"neurons": network.neurons, "fingerprint": fingerprint(network.connectivity)},
        "report": report.to_dict(),
        "found": dict(found or {}),
    }
    head = json.dumps(values, indent=1)
    tile, slot = (json.dumps(array.tolist(), separators=(",", ":")) for array in (mapping.tile, mapping.slot))
    return write_text(path, f'{head[:-2]},\n "tile": {tile},\n "slot": {slot}\n}}\n')


@dataclass(frozen=True)
class GivenMapping:
    """A mapping that was read from a file, to be put on a chip with `on`.

    Attributes
    ----------
    path
        The file, for messages.
    tile
        Shape (neurons,): the tile of each neuron.
    slot
        Shape (neurons,): its slot there; None if the file has none, and they are numbered in the order of the neurons.
    method
        How neurons were put into crossbars and these on tiles, as reports name it.
    chip, network
        What the file says of the chip and of the network that it is for; empty if it says nothing.
    """

    path: Path
    tile: Ints
    slot: Ints | None = None
    method: tuple[str, str] = ("file", "file")
    chip: Values[str, Any] = field(default_factory=dict)
    network: Values[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a file that `save_mapping` wrote, or one by hand that has ``format``, ``version`` and ``tile``.

        Raises ``FileNotFoundError`` if there is none, and `MappingError` if it is not a mapping, of a version that this
        release does not know, or has values that a mapping must not have.
        """
        path = Path(path)
        if path.is_file() and path.stat().st_size > _MAX_BYTES:
            raise MappingError(f"{path}: the file of a mapping must have at most {_MAX_BYTES:,} bytes")
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise MappingError(f"{path}: not the file of a mapping: {str(error).splitlines()[0]}") from None
        if not isinstance(values, dict) or values.get("format") != _FORMAT:
            raise MappingError(f"{path}: not the file of a mapping: its format must be {_FORMAT!r}")
        if values.get("version") != _VERSION:
            raise MappingError(f"{path}: version must be {_VERSION}, not {show(values.get('version'))}")
        slot = None if values.get("slot") is None else _numbers(path, "slot", values["slot"])
        tile = _numbers(path, "tile", values.get("tile"))
        if slot is not None and len(slot) != len(tile):
            raise MappingError(f"{path}: slot must be as long as tile, not {len(slot)} and {len(tile)}")
        parts = {name: values.get(name, {}) for name in ("chip", "network", "report")}
        for name, part in parts.items():
            if not isinstance(part, dict):
                raise MappingError(f"{path}: {name} must have keys and values, not {show(part)}")
        return cls(path, tile, slot, _methods(parts["report"]), parts["chip"], parts["network"])

    def on(self, network: Network, config: ChipConfig) -> Mapping:
        """Return the mapping of a network on a chip.

        Raises `MappingError` if it is of another network or chip, or does not fit this one.
        """
        self.check(network, config)
        return self._mapping(np.arange(network.neurons), self.slot, config)

    def tiles_of(self, neurons: Ints, config: ChipConfig) -> Mapping:
        """Return the mapping of some of its neurons, which are numbered anew, and so are their slots.

        Raises `MappingError` if they do not fit.
        """
        return self._mapping(neurons, None, config)

    def check(self, network: Network, config: ChipConfig) -> None:
        """Raise `MappingError` if it is of another network or chip."""
        for name, here in (
            ("mesh", list(config.mesh)),
            ("topology", config.topology),
            ("crossbar", {"axons": config.crossbar.axons, "neurons": config.crossbar.neurons}),
        ):
            if name in self.chip and self.chip[name] != here:
                raise MappingError(
                    f"{self.path}: the mapping is for a chip whose {name} is {_text(self.chip[name])}, and this one's "
                    f"is {_text(here)}"
                )
        if len(self.tile) != network.neurons:
            raise MappingError(
                f"{self.path}: the mapping is of a network of {len(self.tile):,} neurons, and this one has "
                f"{network.neurons:,}"
            )
        known = self.network.get("fingerprint")
        if known is not None and known != fingerprint(network.connectivity):
            raise MappingError(f"{self.path}: the mapping is of a network of as many neurons, but other connections")

    def _mapping(self, neurons: Ints, slot: Ints | None, config: ChipConfig) -> Mapping:
        tile = self.tile[neurons]
        outside = np.flatnonzero((tile < 0) | (tile >= config.tiles))
        if len(outside):
            raise MappingError(
                f"{self.path}: neuron {neurons[outside[0]]}: tile must lie in 0..{config.tiles - 1}, not "
                f"{tile[outside[0]]}"
            )
        # A number that an int32 cannot hold is out of range as much as one below 0.
        slots = slots_in_order(tile, config.tiles) if slot is None else np.clip(slot, -1, 2**31 - 1).astype(np.int32)
        try:
            return Mapping(config.rows, config.cols, config.crossbar, tile.astype(np.int32), slots)
        except MappingError as error:
            raise MappingError(f"{self.path}: {error}") from None


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return " × ".join(f"{size} {name}" for name, size in value.items())
    return "x".join(map(str, value)) if isinstance(value, list) else str(value)


def _methods(report: Values[str, Any]) -> tuple[str, str]:
    names = []
    for part in ("partition", "placement"):
        said = report.get(part)
        name = said.get("method") if isinstance(said, dict) else None
        names.append(name if isinstance(name, str) and name else "file")
    return names[0], names[1]


def _numbers(path: Path, name: str, values: Any) -> Ints:
    if not isinstance(values, list) or not all(type(value) is int for value in values):
        raise MappingError(f"{path}: {name} must be a list of whole numbers, one for each neuron")
    try:
        return np.array(values, np.int64)
    except OverflowError:
        raise MappingError(f"{path}: {name} must lie in 0..{2**31 - 1}") from None
