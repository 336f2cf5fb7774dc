"""``synaptile run``: a PyNN script, and the chip under its spikes."""

from __future__ import annotations

import argparse
import contextlib
import runpy
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common import FAILURE, INTERRUPTED, OK, UsageError, existing_file, notify, output_folder, print_json
from .options import add_chip_arguments, add_mapping_arguments, add_output_arguments, chip_config
from .outcome import add_wave_arguments, chip_of, print_result, save_result, wave_recorder

if TYPE_CHECKING:
    from synaptile.swsim.trace import Trace

__all__ = ["add_arguments", "run"]

MODES = {
    "lock-step": "the chip carries the spikes while the network runs, and the network feels the delays",
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
    add_chip_arguments(parser, preset="demo")
    add_mapping_arguments(parser)
    add_wave_arguments(parser)
    add_output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    import synaptile.swsim as sim

    from .progress import step_progress

    script = existing_file(args.script, "SCRIPT")
    config = chip_config(args)
    folder = output_folder(args.out) if args.out else None
    waves = None if args.mode == "software" else wave_recorder(args, config, folder, script.stem)
    chip = chip_of(args, config, waves=waves)
    setups = sim.state.setups
    with step_progress(script.name) as progress:
        sim.set_defaults(hardware=chip if args.mode == "lock-step" else None, seed=args.seed, progress=progress)
        try:
            ended = _run_script(script, args.arguments, to_stderr=args.json)
        finally:
            sim.set_defaults()

    trace = sim.get_trace() if sim.state.setups > setups else None
    if trace is None or not trace.steps:
        raise _no_simulation(script, ended)
    if folder:
        trace.save(folder / "snn.sw.out")  # what has been computed is safe from here on
    result = None
    if args.mode == "replay":
        result = chip.replay(trace)
    elif args.mode == "lock-step":
        with contextlib.suppress(RuntimeError):  # the script brought hardware of its own, or ended before it ran
            result = chip.report()
    if result is None:
        _print_trace(args, trace)
    else:
        print_result(args, result)
        save_result(args, result, folder, title=script.name, waves=waves)
    if ended is not None:
        notify(ended)
        return INTERRUPTED if ended == _INTERRUPTED else FAILURE
    return OK


_INTERRUPTED = "interrupted: the results are partial"


def _print_trace(args: argparse.Namespace, trace: Trace) -> None:
    """Print the software's results, where no chip has run."""
    values = {"neurons": trace.neurons, "synapses": trace.synapses, "spikes": trace.spikes, "steps": trace.steps}
    if args.json:
        how = {"mode": args.mode, "seed": args.seed, "partial": trace.partial, "meta": dict(trace.meta)}
        print_json({**values, **how})
    else:
        print(", ".join(f"{value:,} {name}" for name, value in values.items()))


def _run_script(script: Path, arguments: list[str], *, to_stderr: bool) -> str | None:
    """Run the script as Python would; return why it ended early, or ``None``."""
    before, path = sys.argv, list(sys.path)
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.resolve().parent))
    output: Any = contextlib.redirect_stdout(sys.stderr) if to_stderr else contextlib.nullcontext()
    try:
        with output:
            runpy.run_path(str(script), run_name="__main__")
    except KeyboardInterrupt:
        return _INTERRUPTED
    except SystemExit as end:
        if end.code in (None, 0):
            return None
        return f"{script} ended itself with {end.code!r}"
    except BaseException as error:
        from ..errors import ConfigError, MappingError

        if isinstance(error, ConfigError | MappingError):
            raise
        return f"error: {_where(script, error)}{type(error).__name__}: {_first_line(error)}"
    finally:
        sys.argv, sys.path[:] = before, path
    return None


def _where(script: Path, error: BaseException) -> str:
    """Return the line of the script (not of a library) at which it failed."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}, line {error.lineno}: "
    own = str(script.resolve())
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).resolve() == Path(own):
            return f"{script}, line {frame.lineno}: "
    return f"{script}: "


def _first_line(error: BaseException) -> str:
    return "; ".join(line.strip() for line in str(error).splitlines() if line.strip())


def _no_simulation(script: Path, ended: str | None) -> Exception:
    if ended == _INTERRUPTED:
        return RuntimeError(f"{script} was interrupted before it ran anything")
    if ended is not None:
        return RuntimeError(ended.removeprefix("error: "))
    return UsageError(
        f"{script} ran no simulation with synaptile: import synaptile.swsim as sim, or give the script 'synaptile' as "
        f"its simulator"
    )
