"""The compiled engine built with checks: sanitizers find nothing, and tiles keep what they promise with ``busy``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_RUN = """
import sys
import numpy as np
import synaptile.bridge.engines.native.library as library
library.COMPILER_FLAGS = (*library.COMPILER_FLAGS, *sys.argv[1:])
from synaptile.bridge.engines.compiled import CompiledEngine
from synaptile.bridge.engines.base import Packets
from synaptile.rtl import NetworkParams

for params in (
    NetworkParams(rows=4, cols=5),
    NetworkParams(rows=3, cols=4, buffer_depth=3, flits_per_packet=3, neurons=1 << 32),
):
    rng = np.random.default_rng(7)
    count = 3000
    ready = rng.random((params.tiles, 5)) < 0.7
    ready[:, 0] = True
    engine = CompiledEngine(params, ready=ready)
    columns = (600, params.tiles, params.tiles, params.neurons, 1 << 40)
    packets = Packets(*(rng.integers(0, high, count) for high in columns))
    engine.inject(packets)
    engine.run(300)
    engine.deliveries()
    engine.drain(20_000)
    log = engine.deliveries()
    for name in log.__dataclass_fields__:
        print(name, hash(getattr(log, name).tobytes()))
    print(engine.cycle, engine.activity().flits.tolist(), engine.activity().packets.tolist())
    print("evaluations", engine.evaluations, file=sys.stderr)
"""


def log_of(*flags: str, **environment: str) -> tuple[str, str]:
    run = subprocess.run(
        [sys.executable, "-c", _RUN, *flags],
        env={**os.environ, "PYTHONHASHSEED": "0", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-4000:]
    return run.stdout, run.stderr


def test_the_log_does_not_depend_on_what_tiles_say_of_themselves():
    alone = "-DWORTH_GROUPING=1000000"
    quick, slow = log_of(alone), log_of(alone, "-DALWAYS_LOOK")
    assert quick[0] == slow[0]
    # The check has checked something: tiles that had said they were at rest were looked at.
    counts = [[int(line.split()[1]) for line in text.splitlines()] for _log, text in (quick, slow)]
    assert all(few < many for few, many in zip(*counts, strict=True))


@pytest.mark.slow
def test_sanitizers_find_nothing():
    runtime = [
        subprocess.run(["g++", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    if not all(Path(path).is_absolute() for path in runtime):
        pytest.skip("the compiler has no sanitizers")
    # Tiles one by one and in groups, changing often.
    often = ("-DCHOOSE_AFTER=3", "-DWORTH_GROUPING=2")
    flags = ("-O0", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", *often)
    checked, errors = log_of(*flags, LD_PRELOAD=" ".join(runtime), ASAN_OPTIONS="detect_leaks=0")
    assert "runtime error" not in errors
    assert checked == log_of()[0]
