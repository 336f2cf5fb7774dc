"""Waveforms of the compiled engine are those of the reference, byte for byte."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.engines.amaranth import AmaranthEngine
from synaptile.bridge.engines.base import Packets
from synaptile.bridge.engines.compiled import CompiledEngine
from synaptile.bridge.waves.recorder import VcdRecorder
from synaptile.rtl import NetworkParams

# Few, for recording needs a binary of its own for each.
KINDS = [
    NetworkParams(rows=3, cols=3, flits_per_packet=3, neurons=1 << 16),
    NetworkParams(rows=1, cols=4, flits_per_packet=1, stamp_bits=0, buffer_depth=1, neurons=5),
    NetworkParams(rows=2, cols=2, buffer_depth=3, neurons=64),
    NetworkParams(rows=2, cols=2, buffer_depth=2, neurons=64, flits_per_packet=3, virtual_channels=2),
    NetworkParams(rows=1, cols=3, neurons=64, link_stages=2),
]


@settings(max_examples=examples(3, 300), deadline=None)
@given(data=st.data())
def test_same_bytes(data):
    params = data.draw(st.sampled_from(KINDS))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    count = data.draw(st.integers(0, 40))
    spread = data.draw(st.sampled_from([1, 30, 300]))
    packets = Packets(
        cycle=np.sort(rng.integers(0, spread, count)),
        source=rng.integers(0, params.tiles, count),
        destination=rng.integers(0, params.tiles, count),
        neuron=rng.integers(0, params.neurons, count),
        stamp=rng.integers(0, 1000, count),
    )
    ready = None
    if data.draw(st.booleans()):
        ready = rng.random((params.tiles, 5)) < 0.6
        ready[:, 0] = True
    start = data.draw(st.integers(0, 40))
    stop = data.draw(st.none() | st.integers(start + 1, start + 200))
    everywhere = [divmod(tile, params.cols) for tile in range(params.tiles)]
    tiles = data.draw(st.none() | st.lists(st.sampled_from(everywhere), min_size=1, unique=True))
    pauses = data.draw(st.lists(st.integers(0, 100), max_size=2).map(sorted))
    with TemporaryDirectory() as folder:
        written = []
        for kind in (AmaranthEngine, CompiledEngine):
            path = Path(folder, f"{kind.name}.vcd")
            with VcdRecorder(path, clock_hz=100e6, start=start, stop=stop, tiles=tiles) as waves:
                engine = kind(params, ready=ready, waves=waves)
                engine.inject(packets)
                for pause in pauses:
                    engine.run(pause)
                engine.drain(50_000)
                engine.run(engine.cycle + 30)
            written.append(path.read_bytes())
    assert written[0] == written[1]


def test_recording_changes_nothing(tmp_path):
    params = KINDS[2]
    packets = Packets(cycle=[0, 1, 1], source=[0, 1, 3], destination=[3, 3, 0], neuron=[5, 6, 7], stamp=[0, 0, 0])
    with VcdRecorder(tmp_path / "run.vcd", clock_hz=100e6) as waves:
        engines = [CompiledEngine(params), CompiledEngine(params, waves=waves)]
        for engine in engines:
            engine.inject(packets)
            engine.drain()
    plain, recorded = (engine.deliveries() for engine in engines)
    for field in plain.__dataclass_fields__:
        assert getattr(plain, field).tolist() == getattr(recorded, field).tolist()


def test_a_long_recording_is_handed_on_in_pieces(tmp_path, monkeypatch):
    params = KINDS[2]
    pieces = []
    from synaptile.bridge.engines.native.library import NativeChip

    take = NativeChip.take_seen

    def taken(self):
        cycles, words = take(self)
        pieces.append(words.size)
        return cycles, words

    monkeypatch.setattr(NativeChip, "take_seen", taken)
    count = 30_000
    rng = np.random.default_rng(0)
    source = rng.integers(0, 4, count)
    packets = Packets(
        cycle=np.arange(count),
        source=source,
        destination=(source + 1) % 4,
        neuron=source,
        stamp=np.zeros(count, dtype=int),
    )
    with VcdRecorder(tmp_path / "run.vcd", clock_hz=100e6, tiles=[(0, 0)]) as waves:
        engine = CompiledEngine(params, waves=waves)
        engine.inject(packets)
        engine.drain()
    assert max(pieces) < 1 << 22
    assert sum(pieces) > 1 << 20


def test_tiles_off_the_mesh_are_refused(tmp_path):
    waves = VcdRecorder(tmp_path / "run.vcd", clock_hz=100e6, tiles=[(2, 0)])
    with pytest.raises(ValueError, match=r"tiles must lie on the 2x2 mesh, not \(2, 0\)"):
        CompiledEngine(KINDS[2], waves=waves)
