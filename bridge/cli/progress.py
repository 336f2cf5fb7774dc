"""Progress bars on standard error, if that is a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

__all__ = [
    "ReferenceProgress",
    "cycle_progress",
    "point_progress",
    "stage_progress",
    "step_progress",
    "trial_progress",
]

_STAGE = 60
"""Characters of what is being done that are shown."""


@contextmanager
def cycle_progress(what: str, cycles: int | None = None) -> Iterator[Callable[[int, int, int], None] | None]:
    """Show a bar of clock cycles; yields the callback that engines take, ``None`` without a terminal."""
    with _bar(what, cycles) as update:
        if update is None:
            yield None
        else:
            start = time.monotonic()

            def show(cycle: int, delivered: int, injected: int) -> None:
                rate = cycle / max(time.monotonic() - start, 1e-9)
                update(cycle, cycles, f"{cycle:,} cycles, {rate:,.0f}/s, {delivered:,} packets")

            yield show


@contextmanager
def point_progress(what: str, points: int) -> Iterator[Callable[[str], None]]:
    """Show a bar of measurements one after the other; yields a function to be called after each, with its name."""
    with _bar(what, points) as update:
        done = 0

        def show(name: str) -> None:
            nonlocal done
            done += 1
            if update is not None:
                update(done, points, f"{done} of {points}, {name}")

        yield show


@contextmanager
def step_progress(
    what: str, reference: ReferenceProgress | None = None
) -> Iterator[Callable[[int, int, int], None] | None]:
    """Show a bar of the network's steps; yields the callback that `synaptile.swsim.set_defaults` takes.

    Steps of ``reference`` are shown in the same bar.
    """
    with _bar(what, None) as update, nullcontext() if reference is None else reference.inside(update):
        if update is None:
            yield None
        else:
            yield lambda step, steps, spikes: update(step, steps, _step_text(step, steps, spikes))


def _step_text(step: int, steps: int, spikes: int) -> str:
    return f"step {step:,} of {steps:,}, {spikes:,} spikes"


_Steps = Callable[[int, int, int], None]


class ReferenceProgress:
    """Shows how far the network in software has come that a run is compared with.

    It is the callback ``reference_progress`` of `synaptile.swsim.set_defaults`, and may be called at any time; it shows
    something within `inside` and `alone`.
    """

    def __init__(self) -> None:
        self._show: _Steps | None = None

    def __call__(self, step: int, steps: int, spikes: int) -> None:
        """Tell of a step."""
        if self._show is not None:
            self._show(step, steps, spikes)

    @contextmanager
    def inside(self, update: Callable[[int, int | None, str], None] | None) -> Iterator[None]:
        """Show it in a bar that is there, that of `step_progress`."""
        if update is not None:
            self._show = lambda *now: update(now[0], now[1], f"in software, {_step_text(*now)}")
        try:
            yield
        finally:
            self._show = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Show it in a bar of its own, from its first step on."""
        with ExitStack() as stack:

            def begin(*now: int) -> None:
                update = stack.enter_context(_bar("in software", None))
                self._show = lambda *now: None if update is None else update(now[0], now[1], _step_text(*now))
                self._show(*now)

            self._show = begin
            try:
                yield
            finally:
                self._show = None


@contextmanager
def trial_progress(what: str, trials: int) -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar of trials; yields a function of those that are over, of all, and of the state of the last."""
    with _bar(what, trials) as update:
        yield lambda done, of, state: None if update is None else update(done, of, f"{done} of {of}, {state}")


@contextmanager
def stage_progress(what: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done, and for how long already; yields a function to be called with it, in few words."""
    with _bar(what, None) as update:
        yield lambda stage: None if update is None else update(0, None, stage[:_STAGE])


@contextmanager
def _bar(what: str, total: int | None) -> Iterator[Callable[[int, int | None, str], None] | None]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=16),
        TextColumn("{task.fields[state]}", markup=False),
    )
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task(what, total=total, state="")
        yield lambda done, of, state: progress.update(task, completed=done, total=of, state=state)
