# amaranth: UnusedElaboratable=no
"""The whole of the link around something small with a chip's ports, compiled, bit by bit over its pins."""

import pytest
from support.compiled_board import LineBoard
from support.plain_door import plain_hosted_chip

from synaptile.bridge.fpga.link_end import LinkEnd
from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import identity_of, payload_bits
from synaptile.rtl.fpga.command import FREE, Command
from synaptile.rtl.fpga.counters import COUNTERS, LinkCounter
from synaptile.rtl.fpga.hosted_chip import MAGIC, VERSION_BYTES, HostedChip

CORE = CoreParams(axons=4, neurons=4, weight_bits=4, lanes=1, targets=8, neuron="delta-lif")
_NETWORK = NetworkParams(rows=1, cols=2)
NETWORK = _NETWORK.replace(neurons=1 << payload_bits(CORE, _NETWORK))
CYCLES = 1000  # in a millisecond


class Talk:
    """A host of the gates, and what it has been told."""

    def __init__(self, board: LineBoard | None = None) -> None:
        self.board = board or LineBoard(
            lambda: plain_hosted_chip(
                NETWORK, CORE, clock_hz=16e6, baud=4e6, version=b"made here", buffer_bytes=512, time_bits=14
            ),
            4,
            key="plain",
        )
        self.end = LinkEnd(1)
        self.address_bits = 31 - payload_bits(CORE, NETWORK)
        self("")

    def __call__(self, commands: str, milliseconds: int = 12, tag: str = "") -> str:
        """Send commands, and return what comes within some time, both as hex."""
        self.end.send(bytes.fromhex(commands))
        for _ in range(milliseconds):
            now = self.board.cycles / CYCLES / 1000
            self.board.give(self.end.poll(now))
            self.end.feed(self.board.run(CYCLES), now)
        return self.end.receive().hex()

    def write(self, payload: int) -> str:
        return f"{Command.WRITE:02x}" + (payload << self.address_bits).to_bytes(4, "little").hex()

    def words(self, *numbers: int) -> list[int]:
        said = self("".join(f"{Command.PEEK:02x}{number:02x}" for number in numbers))
        assert len(said) == 12 * len(numbers)
        parts = [said[place : place + 12] for place in range(0, len(said), 12)]
        assert [part[:4] for part in parts] == [f"05{number:02x}" for number in numbers]
        return [int.from_bytes(bytes.fromhex(part[4:]), "little") for part in parts]


def output(payload: int, cycle: int | None = None) -> str:
    size = -(-payload_bits(CORE, NETWORK) // 8)
    text = payload.to_bytes(size, "little").hex()
    return f"01{text}" if cycle is None else f"02{text}{cycle.to_bytes(3, 'little').hex()}"


def test_it_says_what_it_is() -> None:
    talk = Talk()
    first = COUNTERS
    words = talk.words(*range(first, first + 9))
    assert words[:4] == [MAGIC, 1, identity_of(CORE, NETWORK), 16_000_000]
    assert words[4:8] == [4_000_000, 512, 1 << 14, 2]
    assert words[8] == 31 | payload_bits(CORE, NETWORK) << 16
    text = b"".join(word.to_bytes(4, "little") for word in talk.words(32, 33, 34, 63))
    assert text == b"made here\0\0\0\0\0\0\0"


def test_packets_go_through_the_door_and_what_comes_out_is_said() -> None:
    talk = Talk()
    assert talk("".join(talk.write(number) for number in range(5)) + "0642") == "".join(map(output, range(5))) + "0442"


def test_a_tick_is_over_when_everything_is_still() -> None:
    talk = Talk()
    assert talk("02000000" + "0601") == output(1) + "03" + "00" + "100000" + "0000" + "0401"
    assert talk("02000000" + "02000000" + "0602", 20).count("03") >= 2


def test_a_tick_waits_for_its_events() -> None:
    talk = Talk()
    assert talk("020a0000") == "", "10 bytes are to come"
    assert talk(talk.write(77)) == ""
    said = talk(talk.write(78) + "0601")
    assert said.startswith(output(1) + output(77) + output(78) + "0300")
    assert said.endswith("00000401")


def test_a_tick_with_more_events_than_there_is_room_for_is_not_over_before_the_last() -> None:
    """It begins when half of the memory of 512 bytes is full, and waits for the others."""
    talk = Talk()
    packets = [talk.write(number) for number in range(100)]
    first = talk("02f40100" + "".join(packets[:60]), 30)
    assert first == output(1) + "".join(map(output, range(60)))
    assert talk("", 30) == ""
    rest = talk("".join(packets[60:]), 30)
    assert rest[: 40 * len(output(0))] == "".join(map(output, range(60, 100)))
    assert rest[40 * len(output(0)) :].startswith("0300")


def test_ticks_have_a_period_and_are_overrun() -> None:
    talk = Talk()
    said = talk("04640000" + "03030000" + "0601")
    tick = "03{:02x}6400000000"
    assert said == "".join(output(number + 1) + tick.format(number) for number in range(3)) + "0401"
    # These are too few for this chip, whose cores are late then, both of them; and for what is to be said of it.
    said = talk("04040000" + "03040000" + "0601")
    ticks = [said[place : place + 14] for place in range(0, 56, 14)]
    assert [tick[:4] for tick in ticks] == ["0303", "0304", "0305", "0306"]
    assert [tick[10:12] for tick in ticks] == ["00", "02", "02", "02"]
    (overruns,) = talk.words(LinkCounter.OVERRUNS)
    assert overruns >= 1


def test_outputs_have_their_cycle_on_request() -> None:
    talk = Talk()
    assert talk("0a01" + "02000000" + "0601").startswith(output(1, 9) + "0300")
    assert talk("0a00" + "02000000" + "0601").startswith(output(2) + "0301")


def test_a_free_run_goes_on_until_it_is_stopped() -> None:
    talk = Talk()
    first = talk("04f40100" + f"03{FREE.to_bytes(3, 'little').hex()}", 40)
    second = talk("", 40)
    assert second
    assert first
    talk("05" + "0601", 30)
    assert talk("") == "", "stopped"
    assert talk(talk.write(3)) == output(3)


def test_a_free_run_ends_with_its_host_and_nothing_of_it_is_in_the_next_session() -> None:
    talk = Talk()
    talk("04f40100" + f"03{FREE.to_bytes(3, 'little').hex()}", 40)
    talk.board.run(20_000)
    talk.end = LinkEnd(talk.end.session)  # the host is started again, and must find another number
    # Its last tick may have had something to say.
    assert len(talk("", 80)) in (0, len(output(0)))
    assert talk("0655", 30).endswith("0455")
    assert talk("", 30) == ""


def test_ticks_wait_for_a_host_that_does_not_listen() -> None:
    """The memory for what is sent fills, and nothing is lost."""
    talk = Talk()
    talk.end.send(bytes.fromhex("03c80000" + "0601"))
    for _ in range(400):
        talk.end.poll(0.0)  # nothing is heard, nothing acknowledged
        talk.board.run(50)
    now, said = 1.0, ""
    for _ in range(400):
        talk.board.give(talk.end.poll(now))
        talk.end.feed(talk.board.run(CYCLES), now)
        said += talk.end.receive().hex()
        now += 1e-3
    size = len(output(0))
    step = size + 14
    assert said.endswith("0401")
    assert len(said) == 200 * step + 4
    for number in range(200):
        part = said[number * step : (number + 1) * step]
        assert part[:size] == output(number + 1)
        assert part[size : size + 4] == f"03{number:02x}"


def test_what_is_no_command_is_refused_and_nothing_after_it_is_done() -> None:
    talk = Talk()
    assert talk("7f" + talk.write(1)) == "067f"
    assert talk(talk.write(1) + "0601") == ""
    talk.end = LinkEnd(9)
    assert talk("0601", 30) == "0401"


@pytest.mark.parametrize("missing", ["09" + "00" * 5])
def test_a_chip_without_tables_knows_no_entries(missing: str) -> None:
    assert Talk()(missing) == "0609"


def test_routing_tables_are_written() -> None:
    params = NetworkParams(rows=1, cols=2, routing="table", multicast=True, table_entries=20)
    network = params.replace(neurons=1 << payload_bits(CORE, params))
    board = LineBoard(
        lambda: plain_hosted_chip(network, CORE, clock_hz=16e6, baud=4e6, buffer_bytes=512, time_bits=14),
        4,
        key="with tables",
    )
    talk = Talk(board)
    size = -(-payload_bits(CORE, network) // 8)
    for node, key, ports in ((0, 0, 31), (1, 19, 5), (1, 2, 16), (0, 7, 1)):
        entry = f"09{node:02x}00{key:02x}00{ports:02x}"
        said = talk(entry)
        assert said == "01" + (ports | node << 6 | key << 8).to_bytes(size, "little").hex()
    assert talk("09020000000f" + "0601") == "0401", "there is no such node"
    assert talk("09000000008f" + "0602") == "0402", "there are no hubs"


def test_resets_are_counted() -> None:
    talk = Talk()
    (before,) = talk.words(LinkCounter.RESETS)
    assert talk("07" + "0601" + "02000000" + "0602").endswith("0402")
    assert talk.words(LinkCounter.RESETS) == [before + 1]


def test_too_long_a_version() -> None:
    with pytest.raises(ValueError, match=f"version must have at most {VERSION_BYTES} bytes, not 200"):
        HostedChip(NETWORK, CORE, clock_hz=16e6, baud=4e6, version=bytes(200))
