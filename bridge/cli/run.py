"""``synaptile run``: a PyNN script, and the chip under its spikes."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, MappingError
from ..fpga.link_errors import NoBoard, PortError, WrongChip
from ..user_script import INTERRUPTED_EARLY, run_script
from .common import (
    FAILURE,
    INTERRUPTED,
    OK,
    USAGE,
    UsageError,
    existing_file,
    notify,
    output_folder,
    print_json,
    say,
    shown,
)
from .kept_runs import KeptRun, KeptRuns, described
from .options import (
    add_chip_arguments,
    add_compare_argument,
    add_mapping_arguments,
    add_output_arguments,
    add_tables_argument,
    chip_config,
    compared_with,
    tables_format,
)
from .outcome import Recorders, add_inferences, add_wave_arguments, chip_of, save_result, wave_recorders
from .score import add_score

if TYPE_CHECKING:
    from synaptile.swsim.trace import Trace

    from ..chip import Chip

__all__ = ["add_arguments", "run"]

MODES = {
    "lock-step": "the chip carries the spikes while the network runs, and the network feels the delays",
    "on-chip": "the network's neurons are those of the chip's cores, and only spike sources run in software",
    "replay": "the network runs in software, then the chip carries its spikes",
    "software": "no chip",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument("script", metavar="SCRIPT", help="a PyNN script")
    parser.add_argument(
        "arguments", nargs="*", metavar="ARG", help="what the script is given (options of its own after --)"
    )
    modes = "; ".join(f"{name}: {text}" for name, text in MODES.items())
    parser.add_argument("--mode", choices=MODES, default="lock-step", help=f"{modes} (default: lock-step)")
    add_compare_argument(parser, default="none")
    add_chip_arguments(parser, preset="demo")
    add_mapping_arguments(parser).add_argument(
        "--profile",
        metavar="RUN",
        help="folder or snn.sw.out of an earlier run of the network, whose spikes guide the mapping",
    )
    add_wave_arguments(parser)
    add_inferences(parser)
    add_output_arguments(parser)
    add_tables_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    import synaptile.swsim as sim

    from .progress import ReferenceProgress, step_progress

    script = existing_file(args.script, "SCRIPT")
    config, compare = chip_config(args), compared_with(args)
    tables = tables_format(args)
    if tables is not None and args.mode == "software":
        raise UsageError("--tables needs a --mode with a chip, not software")
    folder = output_folder(args.out) if args.out else None
    on_chip = args.mode == "on-chip"
    waves = Recorders()
    if args.mode != "software":
        waves = wave_recorders(args, config, folder, script.stem, neurons=on_chip)
    mode = "on-chip" if on_chip else "lock-step"
    profile = _profile(args)
    chip = chip_of(
        args, config, mode=mode, waves=waves.chip, neuron_waves=waves.neurons, compare=compare, profile=profile
    )
    names: dict[str, Any] = {}
    kept = KeptRuns(chip, folder, waves, mode=args.mode, seed=args.seed, tables=tables)
    beside = ReferenceProgress()
    with step_progress(script.name, beside) as progress:
        on_hardware = args.mode in ("lock-step", "on-chip")
        defaults: dict[str, Any] = {"hardware": chip if on_hardware else None, "seed": args.seed}
        defaults |= {"progress": progress, "reference_progress": beside}
        sim.set_defaults(**defaults)
        try:
            sim.setup()  # forgets what ran in this process before; and a script need not call it
            sim.set_defaults(keep=kept.keep, **defaults)
            setups = sim.state.setups
            ended, failure = run_script(script, args.arguments, args.script, names), FAILURE
        except (ConfigError, MappingError, NoBoard, PortError, WrongChip) as error:
            if not (sim.state.engine.started or kept.runs):
                raise
            ended, failure = f"error: {'; '.join(str(error).splitlines())}", USAGE
        finally:
            sim.set_defaults()

    if ended is not None and not (sim.state.engine.started or kept.runs):
        return _nothing_ran(args.script, ended)
    if ended is not None and sim.state.hardware is chip:
        with contextlib.suppress(RuntimeError, ValueError, OSError):  # it may be the chip that failed
            sim.state.hand_over()
    trace = sim.get_trace()
    if trace.steps:
        values = described(trace, args.mode, args.seed)
        with beside.alone():
            result = kept.result_of(sim.state.hardware)
        last = KeptRun(values, None, trace, result, paths=sim.execution_paths())
    elif kept.runs:
        last = kept.take_last()
    elif sim.state.setups == setups and not trace.neurons:
        return _nothing_ran(args.script, ended)
    else:
        notify(f"{args.script} built a network of {trace.neurons} neurons and ran nothing: there is nothing to report")
        last = KeptRun(described(trace, args.mode, args.seed), None, trace, None)
    has_score = add_score(last, names.get("score"))
    if ended is not None:
        _mark_partial(last)
    code = _publish(args, folder, chip, waves, last, kept, ended, failure)
    return code if has_score or code != OK else FAILURE


def _profile(args: argparse.Namespace) -> Trace | None:
    """Return the trace that guides the mapping; raises `UsageError` or `TraceError`."""
    from ..comparison.reference import load_trace

    if args.profile is None:
        return None
    if args.mode in ("replay", "software"):
        raise UsageError(f"--profile needs a --mode that maps the network before it runs, not {args.mode}")
    if not Path(args.profile).exists():
        raise UsageError(f"--profile must be a run's folder or its snn.sw.out, not {shown(Path(args.profile))}")
    return load_trace(args.profile)


def _mark_partial(last: KeptRun) -> None:
    """Note that the script did not come to its end, whenever the run itself had."""
    assert last.trace is not None
    last.trace = replace(last.trace, partial=True)
    last.values = {**last.values, "partial": True}
    if last.result is not None:
        last.result = replace(last.result, trace=last.trace, partial=True)


def _publish(
    args: argparse.Namespace,
    folder: Path | None,
    chip: Chip,
    waves: Recorders,
    last: KeptRun,
    kept: KeptRuns,
    ended: str | None,
    failure: int,
) -> int:
    """Write and print the results of all runs, after those that the chip has still to do; return the exit code.

    That is ``failure`` if the script ended early, as ``ended`` says why, other than by Ctrl-C.
    """
    from synaptile.swsim import in_one_line

    from ..comparison.reference import COMPARISON_INTERRUPTED

    trace = last.trace
    assert trace is not None
    if folder:
        trace.save(folder / "snn.sw.out")  # what has been computed is safe from here on
    interrupted = args.mode == "replay" and trace.steps > 0 and not _replay(chip, [*kept.runs, last], kept)
    for number, earlier in enumerate(kept.runs, 1):
        where = "" if earlier.folder is None else f", in {shown(earlier.folder)}"
        say(args, f"run {number} of {len(kept.runs) + 1}: {_counts(earlier.values)}{where}")
    if args.json:
        if last.result is not None:
            last.values = last.result.to_dict()
        print_json({**last.to_dict(), "earlier_runs": kept.to_list()})
    else:
        print(_counts(last.values) if last.result is None else last.result)
        if last.paths:
            print(f"execution: {in_one_line(last.paths)}", flush=True)
    if last.result is not None:
        save_result(args, last.result, folder, title=Path(args.script).name, waves=waves, recorded=last.waves)
    if last.result is not None and last.result.not_compared == COMPARISON_INTERRUPTED:
        interrupted = True
    if ended is None and interrupted:
        ended = INTERRUPTED_EARLY
    if ended is not None:
        notify(ended)
        return INTERRUPTED if ended == INTERRUPTED_EARLY else failure
    return OK


def _replay(chip: Chip, runs: Sequence[KeptRun], kept: KeptRuns) -> bool:
    """Let the chip carry the spikes of all runs; return whether that came to its end."""
    for run in runs:
        assert run.trace is not None
        try:
            result = chip.replay(run.trace)
        except KeyboardInterrupt:  # while the network was mapped, or the chip made
            return False
        kept.add_result(run, result)
        if result.partial and not run.trace.partial:
            return False
    return True


def _counts(values: Any) -> str:
    """Return the numbers of a run, in a line."""
    counts = values if "spikes" in values else {**values["network"], "spikes": values["metrics"]["spikes"]}
    text = ", ".join(f"{counts[name]:,} {name}" for name in ("neurons", "synapses", "spikes", "steps"))
    return f"{text} (partial)" if values["partial"] else text


def _nothing_ran(script: str, ended: str | None) -> int:
    """Say why there are no results; raises the error that says so, or returns the exit code."""
    if ended == INTERRUPTED_EARLY:
        notify(f"interrupted: {script} had run nothing yet")
        return INTERRUPTED
    if ended is not None:
        raise RuntimeError(ended.removeprefix("error: "))
    raise UsageError(
        f"{script} ran no simulation with synaptile: import synaptile.swsim as sim, or give the script 'synaptile' as "
        f"its simulator"
    )
