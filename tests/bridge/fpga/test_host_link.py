"""The host through a pseudo-terminal, with the gates at the other end, and with what is none of ours."""

import os
import pty
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.board_on_pty import BoardOnPty
from support.compiled_board import LineBoard
from support.plain_door import plain_hosted_chip

from synaptile.bridge.fpga.board import Board
from synaptile.bridge.fpga.engine import FpgaCoreEngine
from synaptile.bridge.fpga.host_link import HostLink
from synaptile.bridge.fpga.link_errors import LinkError, LinkLost, NoBoard, PortError, WrongChip
from synaptile.bridge.fpga.serial_port import open_port
from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import identity_of, payload_bits
from synaptile.rtl.fpga.command import Command

CORE = CoreParams(axons=4, neurons=4, weight_bits=4, lanes=1, targets=8, neuron="delta-lif")
_NETWORK = NetworkParams(rows=1, cols=2)
NETWORK = _NETWORK.replace(neurons=1 << payload_bits(CORE, _NETWORK))
BAUD = 3_000_000


def simulated() -> BoardOnPty:
    return BoardOnPty(
        LineBoard(
            lambda: plain_hosted_chip(
                NETWORK, CORE, clock_hz=16e6, baud=4e6, version=b"made here", buffer_bytes=512, time_bits=14
            ),
            4,
            key="plain",
        )
    )


@pytest.fixture
def place() -> Iterator[BoardOnPty]:
    with simulated() as board:
        yield board


def opened(place: BoardOnPty, **options: Any) -> Board:
    return Board(HostLink(open_port(place.name, BAUD), **options))


def test_a_board_says_what_it_is(place: BoardOnPty) -> None:
    board = opened(place)
    info = board.info
    assert (info.protocol, info.identity, info.version) == (1, identity_of(CORE, NETWORK), "made here")
    assert (info.clock_hz, info.baud, info.buffer_bytes, info.unit_cycles) == (16_000_000, 4_000_000, 512, 1 << 14)
    board.close()


def test_packets_and_ticks_in_order_however_many(place: BoardOnPty) -> None:
    board = opened(place)
    low = board.info.packet_bits - board.info.output_bits
    numbers = list(range(1000))
    board.do(board.written(number << low for number in numbers))
    assert [payload for _, payload, _ in board.take().outputs] == numbers
    board.do(board.number(Command.RUN, 300))
    heard = board.take()
    assert [tick.number for tick in heard.ticks] == [number % 256 for number in range(300)]
    assert [(tick, payload) for tick, payload, _ in heard.outputs] == [(number, number + 1) for number in range(300)]
    board.close()
    with pytest.raises(LinkLost, match="the link has been closed"):
        board.do(b"")


def test_a_host_that_is_started_again_begins_anew(place: BoardOnPty) -> None:
    first = opened(place, session=5)
    first.send(board_of := first.number(Command.RUN, 2))
    first.link._closing = True  # killed: it says no goodbye
    first.link._end.is_up = False
    first.link._thread.join()
    second = opened(place, session=5)
    second.do(b"")
    assert second.link._end.session in (5, 6)
    assert board_of
    second.close()


def test_the_cable_is_pulled(place: BoardOnPty) -> None:
    board = opened(place)
    place.pull()
    with pytest.raises(LinkLost, match="the port is gone"):
        board.do(board.number(Command.RUN, 1000))
    board.close()


def test_the_board_is_switched_off(place: BoardOnPty) -> None:
    board = opened(place, silent_seconds=0.3)
    place.freeze()
    with pytest.raises(LinkLost, match=r"the board has been silent for 0.3 s: is the cable in\?"):
        board.do(board.number(Command.RUN, 1000))
    board.close()


def test_a_command_that_there_is_not(place: BoardOnPty) -> None:
    board = opened(place)
    with pytest.raises(LinkError, match="the board does not know the command 127"):
        board.do(b"\x7f")
    board.close()


def test_numbers_that_do_not_fit(place: BoardOnPty) -> None:
    with pytest.raises(ValueError, match=r"the number after RUN must lie in 0\.\.16777215, not 16777216"):
        Board.number(Command.RUN, 1 << 24)


def test_a_board_with_another_chip_is_not_loaded(place: BoardOnPty) -> None:
    other = CoreParams(axons=8, neurons=4, weight_bits=4, lanes=1, targets=8, neuron="delta-lif")
    network = _NETWORK.replace(neurons=1 << payload_bits(other, _NETWORK))
    one, another = identity_of(CORE, NETWORK), identity_of(other, network)
    with pytest.raises(WrongChip, match=f"the board has the chip {one:06x}, and this one is {another:06x}"):
        FpgaCoreEngine(network, other, port=place.name)


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PortError, match=r"ttyNone: there is no such port"):
        open_port(str(tmp_path / "ttyNone"), BAUD)


def test_a_port_that_is_busy(place: BoardOnPty) -> None:
    port = open_port(place.name, BAUD)
    with pytest.raises(PortError, match="the port is busy: another program has it open"):
        open_port(place.name, BAUD)
    port.close()


def test_what_is_no_port(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(PortError, match="file: the port cannot be opened"):
        open_port(str(file), BAUD)


@contextmanager
def stranger(answer: bytes) -> Iterator[str]:
    """Something that says the same whatever it is asked."""
    master, slave = pty.openpty()
    tty.setraw(slave)

    def serve() -> None:
        try:
            while os.read(master, 1000) and answer:
                os.write(master, answer)
        except OSError:
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield os.ttyname(slave)
    os.close(slave)
    thread.join(5)
    os.close(master)


def test_nothing_answers() -> None:
    with (
        stranger(b"") as name,
        pytest.raises(NoBoard, match=r"nothing has answered for 0.3 s: is the board configured"),
    ):
        HostLink(open_port(name, BAUD), answer_seconds=0.3)


def test_something_else_answers() -> None:
    with stranger(b"login: ") as name, pytest.raises(NoBoard, match="what answers is not a board with this host link"):
        HostLink(open_port(name, BAUD), answer_seconds=0.3)
