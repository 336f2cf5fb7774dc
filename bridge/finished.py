"""A finished run put together: from what a session has seen to metrics, and what the chip changed."""

from __future__ import annotations

from dataclasses import replace

from synaptile.swsim.cosim import LOCK_STEP, ON_CHIP
from synaptile.swsim.trace import Trace

from .comparison.arrivals import Arrivals
from .comparison.cause import Evidence
from .comparison.reference import Reference
from .core_evidence import core_evidence
from .core_session import CoreSession
from .metrics import RunData, compute_metrics
from .metrics.on_chip import OnChipMetrics
from .onchip import RateComparison, compare_rates
from .run import ChipRun
from .session import Session

__all__ = ["finished_in_cores", "finished_run"]


def finished_run(
    session: Session, trace: Trace, reference: Reference, *, mode: str, seed: int, partial: bool, inferences: int | None
) -> ChipRun:
    """Return the run of a network in software on a chip: in lock-step, compared with the reference, or under a trace.

    ``inferences`` is how many are in a whole run, as its user knows it.
    """
    engine, mapped, clocks, config = session.engine, session.mapped, session.clocks, session.config
    deliveries, activity, packets = engine.deliveries(), engine.activity(), engine.packets()
    fired = None if clocks is None else deliveries.stamp
    changes, not_compared = None, None
    if mode == LOCK_STEP:
        arrivals = Arrivals.of(deliveries, mapped.mapping.tile, config.cycles_per_step, fired=fired)
        error = None if session.rounded is None else session.rounded.errors(trace.weight)
        overruns = None if clocks is None else clocks.overruns
        changes, not_compared = reference.changes(trace, Evidence(arrivals, error, overruns=overruns))
    done = None if partial else inferences
    data = RunData(deliveries, packets, activity, mapped, trace, config, fired=fired, inferences=done)
    return ChipRun(
        config=config,
        trace=trace,
        mapping=mapped.mapping,
        mapping_report=session.mapping_report,
        packets=packets,
        deliveries=deliveries,
        activity=activity,
        metrics=compute_metrics(data),
        engine=engine.name,
        mode=mode,
        seed=seed,
        partial=partial,
        relaxed=session.relaxed,
        rounded=None if session.rounded is None else replace(session.rounded, weights=()),
        compute=None if clocks is None else clocks.report(),
        changes=changes,
        not_compared=not_compared,
    )


def finished_in_cores(
    session: CoreSession,
    trace: Trace,
    reference: Reference,
    *,
    profile: Trace | None,
    seed: int,
    inferences: int | None,
) -> ChipRun:
    """Return the run of a network in the chip's cores; ``profile`` is a trace of it in software, if there is one."""
    data = session.run_data(trace, None if trace.partial else inferences)
    changes, not_compared = reference.changes(trace, core_evidence(session, data))
    return ChipRun(
        config=session.program.config,
        trace=trace,
        mapping=data.mapped.mapping,
        mapping_report=session.program.mapping_report,
        packets=data.packets,
        deliveries=data.deliveries,
        activity=data.activity,
        metrics=OnChipMetrics.of(data),
        engine=session.engine.name,
        mode=ON_CHIP,
        seed=seed,
        partial=trace.partial,
        conversion=session.conversion,
        log=data.log,
        rates=_rates(profile, trace),
        relaxed=session.relaxed,
        changes=changes,
        not_compared=not_compared,
    )


def _rates(profile: Trace | None, trace: Trace) -> tuple[RateComparison, ...]:
    """Return firing rates beside those of the profile, if that is of the same populations and both took time."""
    if profile is None or min(profile.steps, trace.steps) < 2:
        return ()
    return tuple(compare_rates(profile, trace)) if list(profile.populations) == list(trace.populations) else ()
