"""Compiled code that is kept: never that of other sources, nor half of what another process writes."""

import fcntl
import importlib.util
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from synaptile.bridge.mapping import connectivity, jit, jit_cache

pytestmark = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="Numba is told to compile nothing")


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Import the same file anew, as another process would."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "doubled.py").write_text("def doubled(number):\n    return 2 * number\n")

    def load() -> Any:
        spec = importlib.util.spec_from_file_location("doubled", tmp_path / "doubled.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return jit.compiled(module.doubled)

    return load


def test_code_is_kept_until_a_source_of_mapping_changes(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def hits() -> int:
        function = load()
        assert function(21) == 42
        return int(sum(function.stats.cache_hits.values()))

    assert [hits(), hits()] == [0, 1]
    changed = (("another.py", 1, 1), *jit_cache.sources())
    monkeypatch.setattr(jit_cache, "sources", lambda: changed)
    assert [hits(), hits()] == [0, 1]


def test_every_source_of_mapping_counts() -> None:
    assert {name for name, *_ in jit_cache.sources()} >= {
        "jit.py",
        "partition/state.py",
        "placement/methods/kernels.py",
    }


def test_it_waits_for_another_process_that_reads_or_writes(load: Any) -> None:
    first = load()
    assert first(1) == 2
    other = load()
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(other(3)))
    with Path(first._cache._cache_path, "synaptile.lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(30)
    assert found == [6]
    assert sum(other.stats.cache_hits.values()) == 1


def test_numba_is_left_alone_for_a_small_network() -> None:
    assert _mapped_in_a_process("size = 16") == ["False", *_mapped_in_a_process("size = 16; import numba")[1:]]


def test_mapping_is_the_same_with_numba_and_without() -> None:
    # Where clusters are to be placed, Numba is loaded for that on the way.
    assert _mapped_in_a_process("size = 2")[1:] == _mapped_in_a_process("size = 2; import numba")[1:]


def _mapped_in_a_process(first: str) -> list[str]:
    """Whether Numba was loaded, and the tiles of some networks, mapped where ``first`` has been done before."""
    done = subprocess.run([sys.executable, "-c", f"{first}\n{_MAPPING}"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


_MAPPING = """
import sys
import numpy as np
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.mapping import MappedNetwork, Network, map_network
from synaptile.bridge.mapping.connectivity import Connectivity

found = []
for seed in range(12):
    random = np.random.default_rng(seed)
    neurons = int(random.integers(1, 9))
    pre, post = random.integers(0, neurons, (2, int(random.integers(0, 20))))
    counts = random.integers(0, 9, neurons)
    config = ChipConfig(mesh=(2, 3), crossbar=f"64x{size}", multicast=bool(seed % 2))
    network = Network(Connectivity.of(neurons, pre, post), counts)
    mapping, report = map_network(network, config)
    mapped = MappedNetwork(network, mapping)
    found.append((mapping.tile.tolist(), mapping.slot.tolist(), mapped.destinations.tiles.tolist()))
print("numba" in sys.modules)
print(*found, sep="\\n")
"""


@pytest.mark.parametrize("arrays", [((3,),), ((1000,),), ((2000,),)])
def test_little_runs_in_python_until_numba_is_loaded(monkeypatch: pytest.MonkeyPatch, arrays: Any) -> None:
    calls: list[int] = []

    def total(values: Any) -> int:
        calls.append(len(values))
        return int(values.sum())

    function = jit.compiled_for_much(total)
    monkeypatch.setattr(jit._Later, "dispatcher", property(lambda _: lambda values: -1))
    values = np.ones(arrays[0])
    assert function(values) == -1
    assert not calls
    monkeypatch.delitem(sys.modules, "numba")
    assert function(values) == (len(values) if len(values) <= 1024 else -1)


@pytest.mark.parametrize(
    ("function", "make"),
    [
        (connectivity._starts, lambda pre, post: (pre, 9)),
        (connectivity._ascending, lambda pre, post: (pre, post)),
        (connectivity._grouped, lambda pre, post: (pre, post, connectivity._starts(pre, 9))),
        (connectivity._transposed, lambda pre, post: (connectivity._starts(pre, 9), np.sort(post), 9)),
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_python_gives_the_same(function: Any, make: Any, seed: int) -> None:
    random = np.random.default_rng(seed)
    pre, post = random.integers(0, 9, (2, 30)).astype(np.int32)
    ours, theirs = function._function(*make(pre, post)), function(*make(pre, post))
    pairs = zip(ours, theirs, strict=True) if isinstance(ours, tuple) else [(ours, theirs)]
    for one, other in pairs:
        np.testing.assert_array_equal(one, other)
