"""What a host does with a chip of cores, cycle by cycle, and what it sees; for any simulator that can be driven so."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

__all__ = ["Inputs", "Outputs", "ScriptedHost"]

SETTLING = 3
"""Cycles after which ``busy`` tells of what the host sent last."""


class Inputs(NamedTuple):
    """The chip's inputs in a cycle."""

    tick: int
    valid: int
    payload: int
    ready: int


class Outputs(NamedTuple):
    """The chip's outputs in a cycle, after its inputs have been set."""

    ready: int
    valid: int
    payload: int
    busy: int
    overrun: int
    refused: int
    error: int


class ScriptedHost:
    """Sends packets, begins ticks, and takes what the chip sends.

    Parameters
    ----------
    stimulus
        ``phases``: what is done one after the other, each with ``tick`` (whether one begins in its first cycle),
        ``packets`` (sent in order from its second cycle on), and ``cycles`` (how many, or None: until they are sent and
        nothing is busy). What was not sent in a phase goes before the packets of the next. ``ready``: whether the host
        takes what comes in cycle 0, 1, ..., repeated for ever.

    Attributes
    ----------
    log
        ``cycles`` of each phase; ``sent``: the cycle in which each packet was taken; ``received``: [cycle, payload];
        ``overrun``, ``refused``, ``error``: [cycle, bits], where any are set. Cycles count from the first phase on.
    """

    def __init__(self, stimulus: Mapping[str, Any]) -> None:
        self._phases = list(stimulus["phases"])
        self._ready = list(stimulus["ready"])
        self._waiting: list[int] = []
        self._cycle = 0
        names = ("cycles", "sent", "received", "overrun", "refused", "error")
        self.log: dict[str, list[Any]] = {name: [] for name in names}
        self._inputs = Inputs(0, 0, 0, 0)
        self._outputs = Outputs(0, 0, 0, 0, 0, 0, 0)

    def cycles(self) -> Iterator[Inputs]:
        """The inputs of every cycle; `see` the outputs before asking for the next."""
        for phase in self._phases:
            length, quiet = 0, 0
            while True:
                if length == 1:
                    self._waiting += phase["packets"]
                self._inputs = Inputs(
                    tick=int(phase["tick"] and length == 0),
                    valid=int(bool(self._waiting)),
                    payload=self._waiting[0] if self._waiting else self._inputs.payload,
                    ready=int(self._ready[self._cycle % len(self._ready)]),
                )
                yield self._inputs
                sent = self._take()
                self._cycle += 1
                length += 1
                quiet = 0 if sent or self._waiting else quiet + 1
                over = length > SETTLING and quiet >= SETTLING and not self._outputs.busy
                if over if phase["cycles"] is None else length == phase["cycles"]:
                    break
            self.log["cycles"].append(length)

    def see(self, outputs: Outputs) -> None:
        """Take notice of the outputs of the present cycle."""
        self._outputs = outputs

    def _take(self) -> bool:
        """Write down what happened in the cycle that is over; whether a packet was sent."""
        inputs, outputs = self._inputs, self._outputs
        sent = bool(inputs.valid and outputs.ready)
        if sent:
            self.log["sent"].append(self._cycle)
            del self._waiting[0]
        if outputs.valid and inputs.ready:
            self.log["received"].append([self._cycle, outputs.payload])
        for name in ("overrun", "refused", "error"):
            if getattr(outputs, name):
                self.log[name].append([self._cycle, getattr(outputs, name)])
        return sent
