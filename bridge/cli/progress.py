"""Progress bars on standard error, if that is a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

__all__ = ["cycle_progress", "point_progress", "stage_progress", "step_progress", "trial_progress"]

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
def step_progress(what: str) -> Iterator[Callable[[int, int, int], None] | None]:
    """Show a bar of the network's steps; yields the callback that `synaptile.swsim.set_defaults` takes."""
    with _bar(what, None) as update:
        if update is None:
            yield None
        else:
            yield lambda step, steps, spikes: update(step, steps, f"step {step:,} of {steps:,}, {spikes:,} spikes")


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
