"""Frames as docs/host-link.md shows them, so that a host can be written by it."""

import re
from pathlib import Path

import pytest

from synaptile.bridge.fpga.frames import Frame
from synaptile.rtl.fpga.command import ARGUMENT_BYTES, Command, Message
from synaptile.rtl.fpga.counters import LinkCounter
from synaptile.rtl.fpga.frame import FrameKind

PAGE = (Path(__file__).parents[3] / "docs" / "host-link.md").read_text()


def rows(head: str) -> list[list[str]]:
    """The cells of the table that begins with some head."""
    _, _, rest = PAGE.partition(f"| {head} |")
    assert rest
    lines = rest.split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


EXAMPLES = rows("Frame")


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 6


@pytest.mark.parametrize("cells", EXAMPLES, ids=[cells[0] for cells in EXAMPLES])
def test_the_examples_of_the_page(cells: list[str]) -> None:
    _, kind, gap, session, position, ack, limit, data, line = cells
    frame = Frame(
        FrameKind(int(kind)),
        int(session),
        int(position),
        int(ack),
        int(limit),
        bytes.fromhex(data.strip("`")),
        bool(int(gap)),
    )
    assert line.strip("`") == frame.to_line().hex(" ")
    assert Frame.of_line(bytes.fromhex(line.strip("`"))[:-1]) == frame


def test_all_commands_are_on_the_page() -> None:
    found = {cells[1]: (int(cells[0]), cells[2]) for cells in rows("Byte | Command | Arguments | What it does")}
    assert {name: number for name, (number, _) in found.items()} == {command.name: int(command) for command in Command}
    for command, size in ARGUMENT_BYTES.items():
        assert sum(map(int, re.findall(r"(\d) byte", found[command.name][1]))) == size, command


def test_all_messages_are_on_the_page() -> None:
    found = {cells[1]: int(cells[0]) for cells in rows("Byte | Message | Arguments")}
    assert found == {message.name: int(message) for message in Message}


def test_all_counters_are_on_the_page() -> None:
    names = re.findall(r"[A-Z_]{4,}", " ".join(cells[1] for cells in rows("Word | Counts")))
    assert names == [counter.name for counter in LinkCounter]
