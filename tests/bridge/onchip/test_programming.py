"""The programming stream: what it writes is what the cores are to hold, and it is for one chip only."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.model_chip import ModelChip
from support.onchip_networks import Recipe, outcome

import synaptile.swsim as sim
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.errors import MappingError
from synaptile.bridge.onchip import OnChipProgram
from synaptile.bridge.onchip.programming import ProgrammingStream, chip_identity, programming_stream, read_stream
from synaptile.rtl import PacketLayouts
from synaptile.rtl.core.config_word import ConfigTarget
from synaptile.rtl.core.neurons import neuron_variables
from synaptile.rtl.core.payload import Write
from synaptile.rtl.core_tile import payloads_of

CONFIG = {"mesh": (2, 2), "crossbar": "16x4", "weight_bits": 5}


def made_of(**config: Any) -> OnChipProgram:
    """A small recurrent network on four tiles, and currents of both signs in its memories."""
    wires = {
        "excitatory": [(i, j, 1.0 + i + j / 9, 1 + i) for i in range(3) for j in range(9)],
        "inhibitory": [(0, j, -2.0, 4) for j in range(5)],
    }
    inner = {"excitatory": [(i, (i + 4) % 9, 2.0, 2) for i in range(9)] + [(0, j, 1.0, 3) for j in range(9)]}
    recipe = Recipe(
        sim.IF_curr_exp,
        {"tau_refrac": 3.0, "v_reset": -70.0, "i_offset": -0.1},
        [[1]] * 3,
        wires,
        inner,
        cells=9,
        initial={"v": -68.0, "isyn_exc": 0.5},
        steps=1,
    )
    chip = ModelChip(ChipConfig(**{**CONFIG, **config}))
    outcome(recipe, chip)
    return chip.made


def stream_of(made: OnChipProgram, *, complete: bool = False) -> ProgrammingStream:
    return programming_stream(
        made.images,
        made.network,
        made.core,
        host_tile=made.host_tile,
        host_key=made.host_key,
        table=made.table,
        complete=complete,
    )


KINDS = {
    "addresses": {},
    "a tree": {"mesh": (2, 4), "topology": "tree"},
    "keys": {"multicast": True, "buffer_depth": 4},
}


def memories_of(made: OnChipProgram, stream: ProgrammingStream) -> tuple[dict[tuple[int, ...], int], int]:
    """Values by (tile, target, row, column) that the packets write, and how many packets there are."""
    payloads, layouts = payloads_of(made.core, made.network), PacketLayouts(made.network)
    written: dict[tuple[int, ...], int] = {}
    for address, payload in stream:
        said = payloads.decode(payload)
        assert isinstance(said, Write)
        tile = address if made.table is not None else layouts.tile_of(address)
        place = tile, said.word.target, said.word.row, said.word.column
        assert place not in written
        written[place] = said.word.value
    return written, len(stream)


def expected_of(made: OnChipProgram) -> dict[tuple[int, ...], int]:
    """The same of the images, word by word."""
    payloads, layouts = payloads_of(made.core, made.network), PacketLayouts(made.network)
    expected = {}
    for tile, image in enumerate(made.images):
        for (axon, neuron), weight in np.ndenumerate(image.weights):
            expected[tile, ConfigTarget.SYNAPSES, axon, neuron] = int(weight)
        for number, name in enumerate(neuron_variables(made.core)):
            for neuron, value in enumerate(image.variables[name].tolist()):
                expected[tile, ConfigTarget.NEURONS, number, neuron] = value
        for neuron, first in enumerate(image.first.tolist()):
            expected[tile, ConfigTarget.FIRSTS, 0, neuron] = payloads.words.first(None if first < 0 else first)
        rows = zip(image.tile, image.key, image.axon, image.delay, image.last, strict=True)
        for entry, (there, key, axon, delay, last) in enumerate(rows):
            address = int(key) if made.table is not None else layouts.position_of(int(there))
            value = payloads.words.entry(address, int(axon), int(delay), bool(last))
            expected[tile, ConfigTarget.ENTRIES, 0, entry] = value
    return expected


@pytest.mark.parametrize("kind", KINDS)
def test_it_writes_every_word_once(kind: str) -> None:
    made = made_of(**KINDS[kind])
    expected = expected_of(made)
    written, packets = memories_of(made, stream_of(made, complete=True))
    assert written == expected
    assert packets == len(expected)
    assert any(value < 0 for value in written.values())
    written, packets = memories_of(made, stream_of(made))
    assert written == {place: value for place, value in expected.items() if value}
    assert packets < len(expected) / 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_says_the_same(kind: str, tmp_path: Path) -> None:
    made = made_of(**KINDS[kind])
    stream = stream_of(made)
    path = stream.write(tmp_path / "network.hex")
    place = {"host_tile": made.host_tile, "host_key": made.host_key}
    assert read_stream(path, made.network, made.core, **place) == stream
    lines = path.read_text().splitlines()
    numbers = [line for line in lines if not line.startswith("//")]
    assert [int(line, 16) for line in numbers] == list(stream.packets)
    assert {len(line) for line in numbers} == {-(-stream.bits // 4)}
    assert max(stream.packets).bit_length() <= stream.bits
    assert bool(stream.table) == (kind == "keys")
    if kind == "keys":
        assert list(stream.table) == made.table.entries()


def test_a_stream_for_another_chip_is_refused_before_anything_else(tmp_path: Path) -> None:
    made = made_of()
    path = stream_of(made).write(tmp_path / "network.hex")
    path.write_text(path.read_text()[:-20])  # cut off as well
    other = made.network.replace(buffer_depth=7)
    one, two = chip_identity(made.network, made.core)[:12], chip_identity(other, made.core)[:12]
    with pytest.raises(MappingError, match=f"network.hex: the stream is for the chip {one}, and this one is {two}"):
        read_stream(path, other, made.core)


def test_everything_that_a_packet_depends_on_is_in_the_identity() -> None:
    made = made_of()
    first = chip_identity(made.network, made.core)
    assert chip_identity(made.network.replace(tag_bits=9), made.core) == first
    others = [
        chip_identity(made.network.replace(buffer_depth=7), made.core),
        chip_identity(made.network, made_of(core={"state_bits": 20}).core),
        chip_identity(made.network, made.core, host_tile=1),
        chip_identity(made.network, made.core, host_key=1),
    ]
    assert len({first, *others}) == 5


def test_what_is_wrong_with_a_file_is_said(tmp_path: Path) -> None:
    made = made_of()
    path = stream_of(made).write(tmp_path / "network.hex")
    text = path.read_text()
    count, last = len(stream_of(made)), text.splitlines()[-1]
    changed = last[:-1] + ("0" if last[-1] != "0" else "1")
    for wrong, message in (
        ("", "network.hex: not a programming stream: its first line must be '// synaptile programming stream 1'"),
        (text.replace("// bits", "// bytes"), "network.hex: the head of a programming stream must say bits"),
        (text.removesuffix(last + "\n"), f"network.hex: packets must be {count}, as its head says, not {count - 1}"),
        (
            text.removesuffix(last + "\n") + changed + "\n",
            "network.hex: its packets have been changed: they are not those of its check",
        ),
    ):
        path.write_text(wrong)
        with pytest.raises(ValueError, match="^" + message.replace("(", r"\(") + "$"):
            read_stream(path, made.network, made.core)
