"""The meaning of the bits of a probed signal: a variable for every field, shown only where it has a meaning."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from synaptile.rtl import Port
from synaptile.rtl.packet import leaves

from ..engines.probes import ARRIVAL, CHANNEL, FLIT, ONE_HOT, PLAIN, SPIKE, View

__all__ = ["NOTHING", "Decoder", "FlitKind", "Role", "Variable", "decoder_of"]

NOTHING = "z"
"""The value of a variable without a meaning in a cycle, such as the neuron of a body flit."""


class FlitKind(enum.IntEnum):
    """The kind of flit that a stream offers in a cycle."""

    NONE = 0
    """No flit."""
    HEAD = 1
    """First of several flits."""
    BODY = 2
    """Neither first nor last."""
    TAIL = 3
    """Last of several flits."""
    SINGLE = 4
    """The only flit of its packet."""
    UNKNOWN = 5
    """Head or body of a packet of three or more flits that was under way when recording began."""


class Role(enum.Enum):
    """The purpose of a variable, which decides how it is shown."""

    VALID = "valid"
    READY = "ready"
    KIND = "kind"
    PAYLOAD = "payload"
    LEVEL = "level"
    PORT = "port"
    FLAG = "flag"


@dataclass(frozen=True)
class Variable:
    """A decoded variable: ``scope`` below ``chip``, ``name``, ``width`` in bits, ``role``."""

    scope: str
    name: str
    width: int
    role: Role

    @property
    def path(self) -> str:
        """Full hierarchical name."""
        return f"chip.{self.scope}.{self.name}"


class Decoder:
    """Reads a view's probes, taken together as one number with the first probe in its lowest bits.

    Attributes
    ----------
    view
        The view that is read.
    variables
        The variables that it is read as.
    moving
        True if the same bits may be read differently in the next cycle.
    transfer
        True if the stream has passed an item in the cycle decoded last.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.moving = False
        self.transfer = False
        self.variables: list[Variable] = []
        self._slices: list[tuple[int, int]] = []
        low = 0
        for probe in view.probes:
            self._slices.append((low, (1 << probe.width) - 1))
            low += probe.width
        self.width = low

    def decode(self, bits: int) -> list[int | str]:
        """Values of ``variables`` in a cycle: numbers, or `NOTHING`."""
        raise NotImplementedError

    def _parts(self, bits: int) -> list[int]:
        return [bits >> low & mask for low, mask in self._slices]

    def _add(self, name: str, width: int, role: Role) -> None:
        self.variables.append(Variable(self.view.scope, name, width, role))


class _Plain(Decoder):
    def __init__(self, view: View) -> None:
        super().__init__(view)
        (probe,) = view.probes
        self._add(view.name, probe.width, Role.LEVEL if view.name.startswith("level") else Role.FLAG)

    def decode(self, bits: int) -> list[int | str]:
        return [bits]


class _OneHot(Decoder):
    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._add(view.name, len(Port).bit_length(), Role.PORT)
        self._values = {1 << i: int(port) for i, port in enumerate(view.ports)}

    def decode(self, bits: int) -> list[int | str]:
        one_hot, *counts = self._parts(bits)
        return [self._values.get(one_hot, NOTHING) if all(counts) else NOTHING]


class _Stream(Decoder):
    """Valid, ready, in a stream of flits its kind, and the payload's fields."""

    def __init__(self, view: View, *, with_kind: bool) -> None:
        super().__init__(view)
        assert view.layout is not None
        self._add("valid", 1, Role.VALID)
        self._add("ready", 1, Role.READY)
        if with_kind:
            self._add("kind", max(FlitKind).bit_length(), Role.KIND)
        # (offset, mask, the part of a union that it belongs to)
        self._fields: list[tuple[int, int, str]] = []
        for path, offset, width in leaves(view.layout):
            if width:
                union = path[1] if path[0] == "data" else ""
                self._add("_".join(path[2:] if union else path), width, Role.PAYLOAD)
                self._fields.append((offset, (1 << width) - 1, union))

    def _payload(self, payload: int, *shown: str) -> list[int | str]:
        return [payload >> offset & mask if union in shown else NOTHING for offset, mask, union in self._fields]


class _Spikes(_Stream):
    def __init__(self, view: View) -> None:
        super().__init__(view, with_kind=False)

    def decode(self, bits: int) -> list[int | str]:
        valid, ready, payload = self._parts(bits)
        self.transfer = bool(valid and ready)
        return [valid, ready, *self._payload(payload, *([""] if valid else []))]


class _Flits(_Stream):
    """Flits of one packet after the other.

    The wires do not say whether a flit is a head or a body; that follows from the flits before it.
    """

    def __init__(self, view: View) -> None:
        super().__init__(view, with_kind=True)
        names = [variable.name for variable in self.variables[3:]]
        self._last = self._fields[names.index("last")][0]
        # Bits of a body flit's number: none if there are no body flits, one if there is only a tail.
        self._index_bits = next((v.width for v in self.variables if v.name == "index"), 0)
        self._inside: bool | None = None  # a packet: its head has passed; None if that was before the recording

    def decode(self, bits: int) -> list[int | str]:
        valid, ready, payload, under_way = self._parts(bits)
        if not under_way:
            self._inside = False
        last = bool(payload >> self._last & 1)
        kind = self._kind(last) if valid else FlitKind.NONE
        self.transfer = self.moving = bool(valid and ready)
        if self.transfer:
            self._inside = None if kind is FlitKind.UNKNOWN else not last
        return [valid, ready, int(kind), *self._payload(payload, *_SHOWN[kind])]

    def _kind(self, last: bool) -> FlitKind:
        if not self._index_bits:
            return FlitKind.SINGLE
        if last:
            return FlitKind.TAIL
        if self._index_bits == 1:
            return FlitKind.HEAD
        if self._inside is None:
            return FlitKind.UNKNOWN
        return FlitKind.BODY if self._inside else FlitKind.HEAD


class _ChannelFlits(_Flits):
    """Flits of several packets in turns; a signal of the router says which of them are body flits."""

    def decode(self, bits: int) -> list[int | str]:
        valid, ready, payload, body = self._parts(bits)
        self._inside = bool(body)
        kind = self._kind(bool(payload >> self._last & 1)) if valid else FlitKind.NONE
        self.transfer = bool(valid)
        return [valid, ready, int(kind), *self._payload(payload, *_SHOWN[kind])]


_SHOWN: dict[FlitKind, tuple[str, ...]] = {
    FlitKind.NONE: (),
    FlitKind.HEAD: ("", "head"),
    FlitKind.BODY: ("", "body"),
    FlitKind.TAIL: ("", "body"),
    FlitKind.SINGLE: ("", "head"),
    FlitKind.UNKNOWN: ("",),
}


class _Arrivals(_Stream):
    def __init__(self, view: View) -> None:
        super().__init__(view, with_kind=True)
        names = [variable.name for variable in self.variables[3:]]
        self._first, self._last = (self._fields[names.index(name)][0] for name in ("first", "last"))
        # Nothing but the head arrives with the first flit.
        self._of_body = [3 + i for i, name in enumerate(names) if name in ("index", "stamp")]

    def decode(self, bits: int) -> list[int | str]:
        valid, ready, payload = self._parts(bits)
        self.transfer = bool(valid and ready)
        if not valid:
            return [valid, ready, int(FlitKind.NONE), *self._payload(payload)]
        first, last = payload >> self._first & 1, payload >> self._last & 1
        kind = _ARRIVING[bool(first), bool(last)]
        values = [valid, ready, int(kind), *self._payload(payload, "")]
        if first:
            for i in self._of_body:
                values[i] = NOTHING
        return values


_ARRIVING = {
    (True, True): FlitKind.SINGLE,
    (True, False): FlitKind.HEAD,
    (False, False): FlitKind.BODY,
    (False, True): FlitKind.TAIL,
}

_DECODERS: dict[str, type[Decoder]] = {
    SPIKE: _Spikes,
    FLIT: _Flits,
    CHANNEL: _ChannelFlits,
    ARRIVAL: _Arrivals,
    PLAIN: _Plain,
    ONE_HOT: _OneHot,
}


def decoder_of(view: View) -> Decoder:
    """Make a decoder for a view."""
    return _DECODERS[view.kind](view)
