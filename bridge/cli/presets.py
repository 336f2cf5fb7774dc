"""``synaptile presets``: the built-in chips and technologies, and whether a file is a chip."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .common import OK, UsageError, existing_file, output_folder, print_json
from .options import accept_seed, add_output_arguments

if TYPE_CHECKING:
    from ..config.schema import Validated
    from ..config.technology import Technology

__all__ = ["add_arguments", "run"]

_SHOW, _CHECK = "show", "check"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument(
        "what",
        nargs="*",
        metavar="show NAME | check FILE",
        help="the chip or technology to show, to copy from; or the YAML file of a chip to check (default: list all)",
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

    from ..config.presets import list_energy_tables, list_presets, list_technologies, preset_path

    presets, tables, technologies = list_presets(), list_energy_tables(), list_technologies()
    if args.out:
        folder = output_folder(args.out)
        for name in presets:
            write_bytes(folder / f"{name}.yaml", preset_path(name).read_bytes())
    if args.json:
        print_json({"presets": presets, "energy_tables": tables, "technologies": technologies})
        return OK
    for title, lines in (
        ("chips (--chip NAME, Chip.preset(NAME)):", presets),
        ("energy tables (energy: NAME):", tables),
        ("technologies of crossbars (technology: NAME):", technologies),
    ):
        print(title)
        for name, line in lines.items():
            print(f"  {name:<15} {line}")
    return OK


def _show(args: argparse.Namespace, name: str) -> int:
    from synaptile.swsim.base.whole_file import write_bytes

    from ..config import ChipConfig
    from ..config.presets import preset_names, preset_path, technology_names, technology_path
    from ..config.technology import Technology

    technology = name in technology_names() and name not in preset_names()
    block = Technology.named(name) if technology else ChipConfig.preset(name)
    path = technology_path(name) if technology else preset_path(name)
    if args.out:
        write_bytes(output_folder(args.out) / f"{name}.yaml", path.read_bytes())
    if args.json:
        _print_json(block, "technology" if technology else "config")
    else:
        print(path.read_text(), end="")
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
    if config.technology is not None:
        _tell_technology(config.technology)
    return OK


def _tell_technology(technology: Technology) -> None:
    from ..config.technology_terms import TECHNOLOGY

    unset = [name for name, item in TECHNOLOGY.items() if item.unit and getattr(technology, name) is None]
    print(f"technology {technology.name}: {f'without {chr(44).join(unset)}' if unset else 'complete'}")


def _print_json(config: Validated, name: str = "config") -> None:
    print_json(
        {
            name: config.to_dict(),
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
