"""The board's end of the host link as C++ (CXXRTL), for tests: with a line of bits, or of bytes as fast as can be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from synaptile.bridge.fpga.simulated.gates import SimulatedGates, board_library

__all__ = ["ByteBoard", "LineBoard"]

_BYTES = """
static void cycle(Board &b) {
    bool give = b.send_phase == 0 && !b.in.empty();
    b.top.p_given__valid.set<bool>(give);
    if (give) { b.top.p_given.set<uint8_t>(b.in.front()); b.in.pop_front(); b.send_phase = b.rate; }
    if (b.send_phase) b.send_phase--;
    bool take = b.receive_phase == 0;
    b.top.p_ready.set<bool>(take);
    b.top.step();
    if (take && b.top.p_valid.get<bool>()) { b.out.push_back(b.top.p_sent.get<uint8_t>()); b.receive_phase = b.rate; }
    if (b.receive_phase) b.receive_phase--;
    b.clock();
}
"""

_libraries: dict[str, Path] = {}


class LineBoard(SimulatedGates):
    """A `HostedChip`, or what has its ``rx`` and ``tx``, made by a function; ``rate`` cycles are a bit.

    What has been compiled under the same ``key`` is not made again.
    """

    def __init__(self, make: Callable[[], Any], rate: int, *, key: str, flat: bool = True) -> None:
        if key not in _libraries:
            _libraries[key] = board_library(make(), flat=flat)
        super().__init__(_libraries[key], rate)


class ByteBoard(SimulatedGates):
    """A circuit with ``given``, ``given_valid``, and ``sent``, ``valid``, ``ready``: a byte every ``rate`` cycles."""

    def __init__(self, make: Callable[[], Any], rate: int, *, key: str, flat: bool = True) -> None:
        if key not in _libraries:
            _libraries[key] = board_library(make(), harness=_BYTES, flat=flat)
        super().__init__(_libraries[key], rate)
