# amaranth: UnusedElaboratable=no
"""What engines of chips of cores refuse, by name, rule and value; faults, and Ctrl-C."""

import os
import signal
import threading
from typing import Any

import numpy as np
import pytest
from support.core_chips import image_for, network_for, variables_for

from synaptile.bridge.engines.cores import (
    CoreEngine,
    CoreImage,
    HostEvents,
    core_engine_names,
    make_core_engine,
    register_core_engine,
)
from synaptile.rtl.core import CoreParams

CORE = CoreParams(axons=12, neurons=8, lanes=2, weight_shift=2, targets=20, state_bits=16)
NETWORK = network_for(CORE, rows=1, cols=2)


def image(**changes: Any) -> CoreImage:
    plain = image_for(NETWORK, CORE, np.random.default_rng(1))
    return CoreImage(**{name: getattr(plain, name) for name in plain.__dataclass_fields__} | changes)


@pytest.fixture(params=["amaranth", "compiled"])
def engine(request: pytest.FixtureRequest, quick_build: None) -> CoreEngine:
    return make_core_engine(request.param, NETWORK, CORE)


def ones(count: int, **changes: int) -> Any:
    values = np.ones(count, dtype=int)
    for number, value in changes.items():
        values[int(number[1:])] = value
    return values


def test_images_that_do_not_fit_are_refused(engine: CoreEngine) -> None:
    entries = len(image().tile)
    variables = variables_for(CORE, np.random.default_rng(1))
    where = "of the image of tile 1"
    for change, message in (
        ({"weights": np.zeros((11, 8))}, rf"weights {where} must have shape \(12, 8\), not \(11, 8\)"),
        ({"weights": np.full((12, 8), 8)}, rf"weights {where} must lie in -8\.\.7, not 8"),
        ({"variables": variables | {"keep_u": ones(8, _3=8192)}}, rf"keep_u {where} must lie in 0\.\.8191, not 8192"),
        ({"first": ones(8, _2=entries)}, rf"first {where} must lie in -1\.\.{entries - 1}, not {entries}"),
        ({"delay": ones(entries, _1=16)}, rf"delay {where} must lie in 0\.\.15, not 16"),
        ({"delay": ones(entries), "tile": ones(entries, _0=2)}, rf"tile {where} must lie in 0\.\.1, not 2"),
        ({"delay": ones(entries), "axon": ones(entries, _0=12)}, rf"axon {where} must lie in 0\.\.11, not 12"),
        ({"last": np.zeros(entries)}, rf"last {where} must be 1 at the end of the table, not 0"),
    ):
        with pytest.raises(ValueError, match=f"^{message}$"):
            engine.load([image(), image(**change)])
    with pytest.raises(ValueError, match=rf"^variables {where} must be .*keep_u.*, not v$"):
        engine.load([image(), image(variables={"v": np.zeros(8)})])
    with pytest.raises(ValueError, match=r"^images must be one for each of the 2 tiles, not 1$"):
        engine.load([image()])


def test_events_and_ticks_that_cannot_be_are_refused(engine: CoreEngine) -> None:
    with pytest.raises(ValueError, match=r"^load must be called first"):
        engine.tick(HostEvents.none(), None)
    engine.load([image(), image()])
    for events, cycles, message in (
        (HostEvents([0, 2], [0, 0], [1, 1]), None, r"tile of event 1 must lie in 0\.\.1, not 2"),
        (HostEvents([0], [12], [1]), None, r"axon of event 0 must lie in 0\.\.11, not 12"),
        (HostEvents([0], [0], [0]), None, r"delay of event 0 must lie in 1\.\.15, not 0"),
        (HostEvents.none(), 0, r"cycles must be at least 1, not 0"),
    ):
        with pytest.raises(ValueError, match=f"^{message}$"):
            engine.tick(events, cycles)
    events = HostEvents([0, 0], [1, 2], [1, 1])
    for when, message in (
        ([1, 0], "when must be ascending"),
        ([0, 3], r"when must lie in 0\.\.2, not 3"),
        ([0], r"when must have shape \(2,\), not \(1,\)"),
    ):
        with pytest.raises(ValueError, match=f"^{message}$"):
            engine.run(3, events, np.array(when), None)
    with pytest.raises(ValueError, match=r"^variable must be one of .*v.*, not 'w'$"):
        engine.read(0, "w")
    with pytest.raises(ValueError, match=r"^tile must lie in 0\.\.1, not 2$"):
        engine.read(2, "v")
    assert engine.cycle == engine.tick_number == 0, "nothing of all that has begun"


def test_a_fresh_chip_forgets(engine: CoreEngine) -> None:
    """Loading again begins anew: the same ticks, the same packets."""
    seen = []
    for _ in range(2):
        engine.load([image(), image()])
        ticks = engine.run(6, HostEvents([0, 1, 1], [3, 4, 5], [1, 2, 3]), np.array([0, 1, 1]), None)
        seen.append((ticks.cycles.tolist(), ticks.fired.neuron.tolist(), engine.packets().cycle.tolist()))
        assert engine.tick_number == 6
    assert seen[0] == seen[1]
    assert seen[0][2]


def test_ctrl_c_ends_a_run_that_would_never_end(engine: CoreEngine) -> None:
    engine.load([image(), image()])
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            engine.run(100_000_000, HostEvents.none(), np.zeros(0, dtype=int), None)
    finally:
        timer.cancel()
    with pytest.raises(ValueError, match=r"^load must be called first, and again after a run that was interrupted"):
        engine.tick(HostEvents.none(), None)
    engine.load([image(), image()])
    assert len(engine.run(2, HostEvents.none(), np.zeros(0, dtype=int), 50)) == 2


def test_engines_have_names() -> None:
    assert {"auto", "compiled", "amaranth"} <= set(core_engine_names())
    with pytest.raises(ValueError, match=r"^engine must be one of .*compiled.*, not 'verilog'$"):
        make_core_engine("verilog", NETWORK, CORE)
    register_core_engine("recorded", lambda *chip, **options: (chip, options["threads"]))
    assert make_core_engine("recorded", NETWORK, CORE, threads=3) == ((NETWORK, CORE), 3)
