"""A trace of ten neurons, and studies of it whose trials take no time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synaptile.bridge.explore import Study
from synaptile.swsim.trace import PopulationSlice, Trace


@pytest.fixture
def trace_file(tmp_path: Path) -> Path:
    """Ten neurons, each of which excites the next two; all fire in every third step."""
    pre = np.repeat(np.arange(10), 2)
    post = (pre + np.tile([1, 2], 10)) % 10
    step = np.repeat(np.arange(0, 9, 3), 10)
    trace = Trace(
        dt=1.0,
        steps=9,
        neurons=10,
        spike_neuron=np.tile(np.arange(10), 3).astype(np.int32),
        spike_step=step,
        pre=pre.astype(np.int32),
        post=post.astype(np.int32),
        weight=np.ones(20),
        delay=np.ones(20, np.int32),
        populations=[PopulationSlice("ring", 0, 10, "IF_curr_exp")],
    )
    return Path(trace.save(tmp_path / "ring.out"))


@pytest.fixture
def study(trace_file: Path) -> Callable[..., Study]:
    """A function that makes a study of the trace, with some keys of its own."""

    def make(**keys: Any) -> Study:
        values: dict[str, Any] = {
            "trace": str(trace_file),
            "chip": {"mesh": "2x2", "crossbar": "16x4"},
            "space": {"buffer_depth": {"range": [1, 16]}, "cycles_per_step": {"log": [8, 256]}},
            "objectives": ["latency_mean", "energy"],
            "trials": 30,
            "batch": 6,
        }
        return Study(**{**values, **keys})

    return make
