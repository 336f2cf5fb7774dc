"""Hypothesis profiles (what CI runs is the same every time), time limits, Ctrl-C, and quick builds."""

import faulthandler
import os
import signal
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("synaptile", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("synaptile"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "synaptile")

# A shell starts its background jobs with Ctrl-C ignored, nohup with the end of the terminal, and their children inherit
# that: then nothing that is interrupted on purpose here would ever end.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


# With SYNAPTILE_THOROUGH=1 there are tests of hours, and no time limits.
if os.environ.get("SYNAPTILE_THOROUGH"):
    os.environ.setdefault("PYTEST_TIMEOUT", "0")

    def pytest_runtest_setup() -> None:
        faulthandler.cancel_dump_traceback_later()


# Most tests compile a chip of their own and run it for a moment; those of the engine itself and of what the
# documentation shows have it as users do, see `optimised`.
if not os.environ.get("SYNAPTILE_THOROUGH"):
    os.environ.setdefault("SYNAPTILE_CXXFLAGS", "-O1")


@pytest.fixture
def optimised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile chips as users do."""
    monkeypatch.delenv("SYNAPTILE_CXXFLAGS", raising=False)


@pytest.fixture
def compile_with(monkeypatch: pytest.MonkeyPatch, optimised: None) -> Callable[..., None]:
    """A function that has chips compiled with some flags, besides the usual ones, until the end of the test."""
    from synaptile.bridge.engines.native import library

    usual = library.COMPILER_FLAGS
    return lambda *flags: monkeypatch.setattr(library, "COMPILER_FLAGS", (*usual, *flags))


@pytest.fixture
def quick_build(compile_with: Callable[..., None]) -> None:
    """Compile chips without optimisation: for tests that take longer to compile one than to run it."""
    compile_with("-O0")
