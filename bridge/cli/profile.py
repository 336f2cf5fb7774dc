"""``synaptile profile``: where the time of a run goes."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..json_text import write_json
from . import run as run_command
from .common import UsageError, existing_file, notify, output_folder, say, shown

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options, which are those of ``run``."""
    run_command.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the script as ``run`` does, and tell where the time went.

    Writes ``profile.json``, ``flame.svg`` and ``profile.speedscope.json`` to the run's folder, or to ``profile``.
    """
    from matplotlib.figure import Figure

    from synaptile.swsim.base.whole_file import whole_file

    from ..profiling import draw_flame_graph, profiled

    script = existing_file(args.script, "SCRIPT")
    folder = output_folder(args.out or Path("profile"))
    try:
        with profiled(str(script)) as profile:
            code = run_command.run(args)
    except ModuleNotFoundError as error:
        raise UsageError(str(error)) from None
    say(args, f"\n{profile.table()}")
    figure = draw_flame_graph(profile).figure
    assert isinstance(figure, Figure)
    with whole_file(folder / "flame.svg") as file:
        figure.savefig(file, format="svg", metadata={"Date": None})
    paths = [
        write_json(folder / "profile.json", profile.to_dict()),
        folder / "flame.svg",
        profile.save_speedscope(folder / "profile.speedscope.json"),
    ]
    if not args.json:
        notify(f"wrote {', '.join(shown(path.absolute()) for path in paths)}")
    return code
