"""``synaptile explore``: a study of chips, mappings and network parameters."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common import FAILURE, INTERRUPTED, OK, UsageError, existing_file, notify, output_folder, print_json, shown
from .options import MAX_SEED, whole

if TYPE_CHECKING:
    from ..explore.exploration import Exploration
    from ..explore.study import Study
    from ..explore.trial import Trial

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument("study", metavar="STUDY.yaml", help="what is run, what may vary and what is wanted")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument(
        "--out",
        "-o",
        metavar="DIR",
        type=Path,
        help="folder of the study's database, which is continued if it is there, and of results (default: out/STUDY)",
    )
    parser.add_argument("--trials", type=whole(1, 1_000_000), metavar="N", help="trials in all (default: as the study)")
    parser.add_argument("--seed", type=whole(0, min(MAX_SEED, 2**32 - 1)), help="default: as the study")
    parser.add_argument(
        "--time-limit", type=float, metavar="S", help="seconds after which no trial begins (default: as the study)"
    )
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE (default: DIR/study.db)",
    )
    parser.add_argument(
        "--from",
        metavar="URL",
        dest="copy_from",
        help="the database that the study was in so far: copy its trials into that of --storage, and go on there",
    )
    where = parser.add_argument_group("where trials are run; the results are the same")
    where.add_argument("--workers", type=whole(1, 1024), metavar="N", help="processes (default: as the study)")
    where.add_argument(
        "--dask", metavar="ADDRESS|local:N", help="a Dask cluster's scheduler such as tcp://host:8786, or N processes"
    )


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from ..explore import Study, explore
    from ..explore.database import DatabaseError
    from ..explore.results.output import commands_of, to_dict, write_study

    if args.dask is not None and args.workers is not None:
        raise UsageError("--workers must be left out where --dask is given")
    existing_file(args.study, "STUDY.yaml")
    study = _changed(Study.from_yaml(args.study), args)
    folder = output_folder(Path("out") / study.name if args.out is None else args.out)
    with _progress(study) as progress:
        try:
            found = explore(
                study,
                folder=folder,
                storage=args.storage,
                copy_from=args.copy_from,
                workers=args.workers,
                dask=args.dask,
                progress=progress,
            )
        except ModuleNotFoundError as error:
            raise UsageError(str(error)) from None
        except DatabaseError as error:
            raise RuntimeError(str(error)) from None
        except (ValueError, OSError) as error:
            if args.dask is None or not _of_dask(error):
                raise
            raise UsageError(f"--dask: {' '.join(str(error).split())}") from None
    written = write_study(found, folder)
    if args.json:
        print_json(to_dict(found, commands_of(found, folder)))
    else:
        _print(found, commands_of(found, folder), written)
    return _code(args, found)


def _of_dask(error: Exception) -> bool:
    from ..errors import ConfigError

    return not isinstance(error, ConfigError)


def _changed(study: Study, args: argparse.Namespace) -> Study:
    """Return the study with what the options change."""
    changes: dict[str, Any] = {}
    for name in ("trials", "seed", "time_limit"):
        if getattr(args, name) is not None:
            changes[name] = getattr(args, name)
    if not changes:
        return study
    given = {key: getattr(study, key) for key in study.model_fields_set}
    return type(study)(**{**given, **changes})


def _code(args: argparse.Namespace, found: Exploration) -> int:
    """Say what is not as it should be, and return the exit code."""
    lost = sum(trial.outcome is not None and "worker" in trial.outcome.error for trial in found.trials)
    if lost:
        notify(f"{lost} {'worker was' if lost == 1 else 'workers were'} lost, each with the trial that it ran")
    count = found.study.size - len(found.finished)
    left = f"{count} {'trial is' if count == 1 else 'trials are'} left; the same command continues"
    if found.interrupted and count:
        if args.time_limit is None and found.study.time_limit is None:
            notify(f"interrupted: {left}")
            return INTERRUPTED
        notify(left)
    why = found.why_none()
    if why is not None:
        notify(f"error: {why}")
        return FAILURE
    return OK


def _print(found: Exploration, commands: dict[int, str], written: list[Path]) -> None:
    print(found.table())
    if commands:
        print("\nto run a trial of the front again:")
        for number, command in commands.items():
            print(f"{number:>5}  {command}")
    print("\nwrote " + ", ".join(map(shown, written)))


@contextmanager
def _progress(study: Study) -> Iterator[Callable[[Trial, int, int], None]]:
    """Show a bar of trials; yields what `explore` calls after each."""
    from .progress import trial_progress

    with trial_progress(study.name, study.size) as show:
        yield lambda trial, done, of: show(done, of, trial.state.value)
