"""Compiled code that is kept: never that of other sources, nor half of what another process writes."""

import fcntl
import importlib.util
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numba
import pytest

from synaptile.bridge.mapping import jit

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
    changed = (("another.py", 1, 1), *jit._sources())
    monkeypatch.setattr(jit, "_sources", lambda: changed)
    assert [hits(), hits()] == [0, 1]


def test_every_source_of_mapping_counts() -> None:
    assert {name for name, *_ in jit._sources()} >= {"jit.py", "partition/state.py", "placement/methods/kernels.py"}


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
