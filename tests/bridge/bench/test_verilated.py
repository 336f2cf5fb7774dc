"""A chip of cores as a program of Verilator's gives what the compiled engine does, cycle by cycle."""

from pathlib import Path

import numpy as np
import pytest

from synaptile.bridge.bench.verilated import VerilatedChip
from synaptile.bridge.engines.cores import CoreImage, HostEvents, make_core_engine
from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import payload_bits

CORE = CoreParams(axons=16, neurons=8, lanes=4, targets=20)
TICKS = 60


def network_of() -> NetworkParams:
    network = NetworkParams(rows=1, cols=3)
    return network.replace(neurons=1 << payload_bits(CORE, network))


def image(rng: np.random.Generator) -> CoreImage:
    n, entries = CORE.neurons, CORE.targets
    last = np.arange(entries) % 2
    return CoreImage(
        weights=rng.integers(-8, 8, (CORE.axons, n)),
        variables={
            "u": rng.integers(-50, 50, n),
            "v": rng.integers(-50, 50, n),
            "keep_u": rng.integers(2000, 4097, n),
            "keep_v": rng.integers(3000, 4097, n),
            "bias": rng.integers(-5, 30, n),
            "left": rng.integers(0, 2, n),
            "threshold": rng.integers(100, 600, n),
            "reset": rng.integers(-10, 10, n),
            "refractory": rng.integers(0, 3, n),
            "subtract": rng.integers(0, 2, n),
        },
        first=np.where(rng.random(n) < 0.8, 2 * np.arange(n), -1),
        tile=rng.integers(0, 3, entries),
        axon=rng.integers(0, CORE.axons, entries),
        delay=np.where(rng.random(entries) < 0.3, 0, rng.integers(1, 16, entries)),
        last=last,
    )


def test_a_verilated_chip_does_what_the_compiled_engine_does(tmp_path: Path, quick_build: None) -> None:
    network = network_of()
    rng = np.random.default_rng(3)
    images = [image(rng) for _ in range(3)]
    when = np.sort(rng.integers(0, TICKS, 300))
    events = HostEvents(rng.integers(0, 3, 300), rng.integers(0, CORE.axons, 300), rng.integers(1, 16, 300))
    verilated = VerilatedChip(network, CORE, folder=tmp_path, host_tile=1)
    engine = make_core_engine("compiled", network, CORE, host_tile=1)
    for cycles in (None, 25):
        engine.load(images)
        expected = engine.run(TICKS, events, when, cycles)
        run = verilated.run(images, TICKS, events, when, cycles)
        assert (run.ticks.cycles == expected.cycles).all()
        assert (run.ticks.overruns == expected.overruns).all()
        for found, wanted in ((run.ticks.fired, expected.fired), (run.ticks.reported, expected.reported)):
            assert len(wanted) > 20
            for name in ("tick", "tile", "neuron", "cycle"):
                np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
        for tile, variables in enumerate(run.variables):
            for name, values in variables.items():
                np.testing.assert_array_equal(values, engine.read(tile, name))
    assert expected.overruns.any()

    # The program is there.
    made = (tmp_path / "obj" / "chip").stat().st_mtime_ns
    VerilatedChip(network, CORE, folder=tmp_path, host_tile=1)
    assert (tmp_path / "obj" / "chip").stat().st_mtime_ns == made


def test_a_network_with_tables_is_refused(tmp_path: Path) -> None:
    network = NetworkParams(rows=1, cols=3, routing="table", table_entries=3)
    with pytest.raises(ValueError, match=r"^table_entries must be 0 in a verilated chip, not 3$"):
        VerilatedChip(network, CORE, folder=tmp_path)
