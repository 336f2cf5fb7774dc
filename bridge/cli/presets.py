"""``synaptile presets``: the built-in chips, and whether a file is a chip."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .common import OK, UsageError, existing_file, output_folder, print_json
from .options import accept_seed, add_output_arguments

if TYPE_CHECKING:
    from ..config import ChipConfig

__all__ = ["add_arguments", "run"]

_SHOW, _CHECK = "show", "check"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument(
        "what",
        nargs="*",
        metavar="show NAME | check FILE",
        help="the preset to show, to copy from; or the YAML file of a chip to check (default: list all presets)",
    )
    add_output_arguments(parser, seed=False)
    accept_seed(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    match args.what:
        case []:
            return _list(args)
        case ["check", path]:
            return _check(args, path)
        case ["show", name] | [name] if name not in (_SHOW, _CHECK):
            return _show(args, name)
    raise UsageError(f"presets takes nothing, show NAME or check FILE, not {' '.join(args.what)}")


def _list(args: argparse.Namespace) -> int:
    from synaptile.swsim.base.whole_file import write_bytes

    from ..config.presets import list_energy_tables, list_presets, preset_path

    presets, tables = list_presets(), list_energy_tables()
    if args.out:
        folder = output_folder(args.out)
        for name in presets:
            write_bytes(folder / f"{name}.yaml", preset_path(name).read_bytes())
    if args.json:
        print_json({"presets": presets, "energy_tables": tables})
        return OK
    for title, lines in (
        ("chips (--chip NAME, Chip.preset(NAME)):", presets),
        ("energy tables (energy: NAME):", tables),
    ):
        print(title)
        for name, line in lines.items():
            print(f"  {name:<15} {line}")
    return OK


def _show(args: argparse.Namespace, name: str) -> int:
    from synaptile.swsim.base.whole_file import write_bytes

    from ..config import ChipConfig
    from ..config.presets import preset_path

    config = ChipConfig.preset(name)
    if args.out:
        write_bytes(output_folder(args.out) / f"{name}.yaml", preset_path(name).read_bytes())
    if args.json:
        _print_json(config)
    else:
        print(preset_path(name).read_text(), end="")
    return OK


def _check(args: argparse.Namespace, path: str) -> int:
    from ..config import ChipConfig

    config = ChipConfig.from_yaml(existing_file(path, "FILE"))
    if args.json:
        _print_json(config)
        return OK
    stated = config.provenance
    grades: dict[str, int] = {}
    for origin in stated.values():
        grades[origin.evidence.value] = grades.get(origin.evidence.value, 0) + 1
    print(
        f"{path}: {config.name} is a chip of {config.rows} × {config.cols} tiles of {config.crossbar.axons:,} axons × "
        f"{config.crossbar.neurons:,} neurons, {config.capacity:,} neurons in all"
    )
    counts = ", ".join(f"{count} {grade}" for grade, count in grades.items()) or "none"
    print(f"values with a source: {counts}")
    missing = config.energy.missing
    print(f"energy table {config.energy.name}: {f'without {chr(44).join(missing)}' if missing else 'complete'}")
    return OK


def _print_json(config: ChipConfig) -> None:
    print_json(
        {
            "config": config.to_dict(),
            "provenance": {
                key: {
                    "source": origin.source,
                    "evidence": str(origin.evidence),
                    **({} if origin.deviation is None else {"deviation": origin.deviation}),
                }
                for key, origin in config.provenance.items()
            },
        }
    )
