"""What a packet carries between cores and their host: its layout, and the same in plain Python."""

import enum
from typing import Any, NamedTuple

from amaranth.lib import data

from .axon_queue import axon_event
from .config_word import ConfigWord, ConfigWords
from .params import DELAY_SLOTS, CoreParams

__all__ = ["Event", "Kind", "Payloads", "Read", "Report", "Write"]


class Kind(enum.IntEnum):
    """Kinds of payload: the lowest two bits of it."""

    EVENT = 0
    """An event for an axon."""
    REPORT = 1
    """A spike, for the host."""
    WRITE = 2
    """A word to be written into a core."""
    READ = 3
    """A word to be read from a core, and the reply to that, with the value in it."""


class Event(NamedTuple):
    """An event for an axon, ``delay`` ticks (1 to 15) after that in which it arrives."""

    axon: int
    delay: int


class Report(NamedTuple):
    """A neuron has fired, at a tile's position (`synaptile.rtl.packet.PacketLayouts.tile_of`)."""

    neuron: int
    position: int


class Write(NamedTuple):
    """A word to be written."""

    word: ConfigWord


class Read(NamedTuple):
    """A word to be read, or with ``reply`` the word that was."""

    word: ConfigWord
    reply: bool


class Payloads:
    """The payloads of a chip of cores.

    Parameters
    ----------
    position
        Layout of a tile's position.
    address_bits
        Width of a packet's destination: a position, or a key.

    Attributes
    ----------
    words
        The configuration words of its cores.
    layout
        A payload in gates.
    bits
        Its width.
    """

    def __init__(self, params: CoreParams, position: data.StructLayout, address_bits: int) -> None:
        self.params = params
        self.words = ConfigWords(params, address_bits)
        bodies = {
            "event": axon_event(params),
            "report": data.StructLayout({"neuron": params.neuron_bits, "position": position}),
            "word": data.StructLayout({"word": self.words.layout, "reply": 1}),
        }
        self.layout = data.StructLayout({"kind": _KIND_BITS, "body": data.UnionLayout(bodies)})
        self.bits: int = self.layout.size

    def event(self, axon: Any, delay: Any) -> Any:
        """Return the payload of an event; of arrays of whole numbers, an array."""
        return Kind.EVENT | (axon | delay << self.params.axon_bits) << _KIND_BITS

    def report(self, neuron: Any, position: Any) -> Any:
        """Return the payload of a spike for the host, likewise."""
        return Kind.REPORT | (neuron | position << self.params.neuron_bits) << _KIND_BITS

    def write(self, word: Any) -> Any:
        """Return the payload that writes an encoded word, likewise (`ConfigWords.encode`)."""
        return Kind.WRITE | word << _KIND_BITS

    def read(self, word: Any, reply: bool = False) -> Any:
        """Return the payload that reads a word whatever its value, likewise, or with ``reply`` the answer to it."""
        return Kind.READ | (word | reply << self.words.layout.size) << _KIND_BITS

    def as_event(self, payload: Any) -> tuple[Any, Any, Any]:
        """Return the kind of a payload, and the axon and delay that it has if it is an event; likewise of arrays."""
        body, bits = payload >> _KIND_BITS, self.params.axon_bits
        return payload & _mask(_KIND_BITS), body & _mask(bits), body >> bits & _mask((DELAY_SLOTS - 1).bit_length())

    def decode(self, payload: int) -> Event | Report | Write | Read:
        """Return what a payload says.

        Raises
        ------
        ValueError
            If it is a word for a target that there is not.
        """
        kind, body = Kind(payload & _mask(_KIND_BITS)), payload >> _KIND_BITS
        if kind is Kind.EVENT:
            axon_bits = self.params.axon_bits
            return Event(body & _mask(axon_bits), body >> axon_bits & _mask(axon_event(self.params)["delay"].width))
        if kind is Kind.REPORT:
            return Report(body & _mask(self.params.neuron_bits), body >> self.params.neuron_bits)
        word_bits = self.words.layout.size
        word = self.words.decode(body & _mask(word_bits))
        return Write(word) if kind is Kind.WRITE else Read(word, bool(body >> word_bits & 1))


_KIND_BITS = 2


def _mask(bits: int) -> int:
    return (1 << bits) - 1
