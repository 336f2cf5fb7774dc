"""The words by which a core is configured: their layout, and the same in plain Python."""

import enum
from typing import Any, NamedTuple

from amaranth.hdl import Shape, signed, unsigned
from amaranth.lib import data

from .axon_queue import axon_event
from .counters import CoreCounter
from .neurons import neuron_variables
from .params import CoreParams
from .shapes import weight_shape

__all__ = ["IDENTITY_BITS", "ConfigTarget", "ConfigWord", "ConfigWords"]


class ConfigTarget(enum.IntEnum):
    """What a word is written to or read from, with what ``row`` and ``column`` are there, and its ``value``."""

    SYNAPSES = 0
    """Row: axon. Column: neuron. Value: weight."""
    NEURONS = 1
    """Row: number of the variable in `neuron_variables`. Column: neuron. Value: the variable's."""
    FIRSTS = 2
    """Column: neuron. Value: its first entry in the destination table, and above it whether it has any."""
    ENTRIES = 3
    """Column: entry of the destination table. Value: address, axon, delay, and above them whether it is the last."""
    COUNTERS = 4
    """To be read only. Column: number of the counter (`CoreCounter`). Value: what it has counted."""
    IDENTITY = 5
    """To be read only. Value: a number that another configuration of the chip is unlikely to have."""


class ConfigWord(NamedTuple):
    """One word."""

    target: int
    row: int
    column: int
    value: int


class _Place(NamedTuple):
    """Widths of a target's row and column, and the shapes of its values: one for all rows, or one for each."""

    row: int
    column: int
    values: tuple[Shape, ...]


class ConfigWords:
    """The words of a core.

    A word has a ``target`` of 3 bits and a ``body``. In its body, the lowest bits are the value, those above it the
    column, those above that the row, each as wide as they are for that target; so a word is as short as it can be.

    Parameters
    ----------
    address_bits
        Width of a tile's address, or of a key.

    Attributes
    ----------
    layout
        A word in gates.
    """

    def __init__(self, params: CoreParams, address_bits: int) -> None:
        self.params = params
        self._address_bits = address_bits
        variables = neuron_variables(params).values()
        entry = address_bits + axon_event(params).size + 1
        self._places = {
            ConfigTarget.SYNAPSES: _Place(params.axon_bits, params.neuron_bits, (Shape.cast(weight_shape(params)),)),
            ConfigTarget.NEURONS: _Place(
                (len(variables) - 1).bit_length(),
                params.neuron_bits,
                tuple(Shape.cast(variable.shape) for variable in variables),
            ),
            ConfigTarget.FIRSTS: _Place(0, params.neuron_bits, (unsigned(params.target_bits + 1),)),
            ConfigTarget.ENTRIES: _Place(0, params.target_bits, (unsigned(entry),)),
            ConfigTarget.IDENTITY: _Place(0, 0, (unsigned(IDENTITY_BITS),)),
        }
        if params.counter_bits:
            count = (len(CoreCounter) - 1).bit_length()
            self._places[ConfigTarget.COUNTERS] = _Place(0, count, (unsigned(params.counter_bits),))
        body = max(self.value_bits(target) + place.column + place.row for target, place in self._places.items())
        self.layout = data.StructLayout({"target": _TARGET_BITS, "body": body})

    @property
    def targets(self) -> tuple[ConfigTarget, ...]:
        """The targets that these cores have."""
        return tuple(sorted(self._places))

    def value_bits(self, target: ConfigTarget) -> int:
        """Width of the value in a word for a target."""
        return max(shape.width for shape in self._places[target].values)

    def parts(self, target: ConfigTarget, body: Any) -> tuple[Any, Any, Any]:
        """Row, column and value in the body of a word for a target, in gates."""
        place, low = self._places[target], self.value_bits(target)
        middle = low + place.column
        return body[middle : middle + place.row], body[low:middle], body[:low]

    def encode(self, target: int, row: Any, column: Any, value: Any) -> Any:
        """Return a word as a whole number; of arrays of whole numbers, an array of words.

        Numbers that do not fit are cut to their width, so a negative value is what it is in two's complement.
        """
        place, low = self._places[ConfigTarget(target)], self.value_bits(ConfigTarget(target))
        body = (value & _mask(low)) | (column & _mask(place.column)) << low
        return int(target) | (body | (row & _mask(place.row)) << (low + place.column)) << _TARGET_BITS

    def decode(self, word: int) -> ConfigWord:
        """Return what a word says; a value of a signed number with its sign.

        Raises
        ------
        ValueError
            If there is no such target in these cores.
        """
        target = ConfigTarget(word & _mask(_TARGET_BITS))
        if target not in self._places:
            raise ValueError(f"a core without counters has no target {target.name}")
        place, low, body = self._places[target], self.value_bits(target), word >> _TARGET_BITS
        column = body >> low & _mask(place.column)
        row = body >> (low + place.column) & _mask(place.row)
        shape = place.values[min(row, len(place.values) - 1)]
        value = body & _mask(shape.width)
        if shape == signed(shape.width) and value >> (shape.width - 1):
            value -= 1 << shape.width
        return ConfigWord(target, row, column, value)

    def first(self, entry: int | None) -> int:
        """Return the value of `ConfigTarget.FIRSTS` for a first entry, or for a neuron that sends nothing."""
        return 0 if entry is None else entry | 1 << self.params.target_bits

    def entry(self, address: int, axon: int, delay: int, last: bool) -> int:
        """Return the value of `ConfigTarget.ENTRIES` for an event to an address; a delay of 0 reports to the host."""
        axon_bits = self.params.axon_bits
        event = axon | delay << axon_bits | last << axon_event(self.params).size
        return address | event << self._address_bits


_TARGET_BITS = 3

IDENTITY_BITS = 24
"""Width of an identity."""


def _mask(bits: int) -> int:
    return (1 << bits) - 1
