"""Neurons in a waveform: what was given is read back, under the network's names, and the save names what is there."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.bridge.waves.neuron_recorder import NeuronRecorder, TickEvents
from synaptile.bridge.waves.neuron_save import NeuronName
from synaptile.bridge.waves.vcd_reader import VCDVCD

NAMES = [NeuronName("input layer", 0), NeuronName("input layer", 1), NeuronName("out", 0)]


def events(number, begin, end, potentials, spikes=(), axons=()):
    cycle, neuron = zip(*spikes, strict=True) if spikes else ((), ())
    when, tile, axon = zip(*axons, strict=True) if axons else ((), (), ())
    as_ints = [np.array(part, dtype=np.int64) for part in (cycle, neuron, when, tile, axon)]
    return TickEvents(number, begin, end, *as_ints, np.array(potentials, float))


def recorded(path, ticks, **options):
    waves = NeuronRecorder(path, clock_hz=100e6, **options)
    waves.begin(NAMES, 1, 2, 4)
    for tick in ticks:
        waves.tick(tick)
    return waves.finish()


def test_what_was_given_is_read_back(tmp_path):
    ticks = [
        events(0, 0, 10, [0.0, -65.5, 1.0]),
        events(1, 10, 25, [0.5, -64.0, 0.0], spikes=[(20, 2), (24, 0)], axons=[(12, 0, 3), (13, 1, 3), (24, 1, 15)]),
        events(2, 25, 30, [0.5, -64.0, 0.25]),
    ]
    vcd = VCDVCD(str(recorded(tmp_path / "n.vcd", ticks)[0]))
    ns = 10  # of a cycle
    assert vcd["chip.tick"].tv[1:] == [(10 * ns, "1"), (25 * ns, "10")]
    assert vcd["chip.out.n0.spike"].tv == [(0, "0"), (20 * ns, "1"), (21 * ns, "0")]
    # A pulse in a tick's last cycle ends in the next tick.
    assert vcd["chip.input_layer.n0.spike"].tv == [(0, "0"), (24 * ns, "1"), (25 * ns, "0")]
    assert vcd["chip.tile_0_0.axon"].tv == [(0, "z"), (12 * ns, "11"), (13 * ns, "z")]
    assert vcd["chip.tile_0_1.axon"].tv == [
        (0, "z"),
        (13 * ns, "11"),
        (14 * ns, "z"),
        (24 * ns, "1111"),
        (25 * ns, "z"),
    ]
    assert [(t, float(v)) for t, v in vcd["chip.input_layer.n1.v"].tv] == [(0, 0), (10 * ns, -65.5), (25 * ns, -64)]


def test_a_save_names_everything_that_is_in_the_dump_and_nothing_else(tmp_path):
    dump, save = recorded(tmp_path / "n.vcd", [events(0, 0, 10, [0, 0, 0])], neurons=2)
    named = {re.sub(r"\[.*", "", name) for name in re.findall(r"^(?:\+\{.*?\} )?(chip\.\S+)$", save.read_text(), re.M)}
    assert named == {re.sub(r"\[.*", "", name) for name in VCDVCD(str(dump)).signals}
    assert "input layer[1] v" in save.read_text()


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_pulses_come_out_where_they_went_in(tmp_path_factory, data):
    """Spikes of any cycles of any ticks, read back as the cycles in which the variable is 1."""
    folder = tmp_path_factory.mktemp("waves")
    begin, ticks, wanted = 0, [], set()
    for number in range(data.draw(st.integers(1, 4))):
        end = begin + data.draw(st.integers(1, 9))
        cycles = sorted(data.draw(st.sets(st.integers(begin, end - 1), max_size=4)))
        wanted |= set(cycles)
        ticks.append(events(number, begin, end, [0, 0, 0], spikes=[(cycle, 1) for cycle in cycles]))
        begin = end
    vcd = VCDVCD(str(recorded(folder / "n.vcd", ticks)[0]))
    spike = vcd["chip.input_layer.n1.spike"]
    assert {cycle for cycle in range(begin) if spike[10 * cycle] == "1"} == wanted


def test_a_window_leaves_out_the_rest(tmp_path):
    ticks = [events(n, 10 * n, 10 * n + 10, [n, n, n], spikes=[(10 * n + 5, 0)]) for n in range(4)]
    vcd = VCDVCD(str(recorded(tmp_path / "n.vcd", ticks, start=10, stop=30)[0]))
    assert [time for time, value in vcd["chip.input_layer.n0.spike"].tv if value == "1"] == [150, 250]


def test_the_first_neurons_of_every_population_are_chosen():
    names = [NeuronName("a", i) for i in range(5)] + [NeuronName("b", i) for i in range(2)]
    assert NeuronRecorder("x.vcd", clock_hz=1e6, neurons=3).chosen(names).tolist() == [0, 1, 2, 5, 6]


def test_labels_that_are_alike_in_a_viewer_get_numbers(tmp_path):
    waves = NeuronRecorder(tmp_path / "n.vcd", clock_hz=1e6)
    waves.begin([NeuronName(label, 0) for label in ("a b", "a.b", "tile_0_0", "é")], 1, 1, 2)
    dump, _save = waves.finish()
    assert {name for name in VCDVCD(str(dump)).signals if name.endswith(".v")} == {
        f"chip.{scope}.n0.v" for scope in ("a_b", "a_b_2", "tile_0_0_2", "population")
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": -1}, "^start must be at least 0, not -1$"),
        ({"start": 3, "stop": 3}, "^stop must be greater than start, 3, not 3$"),
        ({"neurons": 0}, "^neurons must be at least 1, not 0$"),
        ({"clock_hz": 0.0}, "^clock_hz must be positive and at most 5e\\+14, not 0.0$"),
    ],
)
def test_nonsense_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        NeuronRecorder("x.vcd", **{"clock_hz": 1e6} | options)
