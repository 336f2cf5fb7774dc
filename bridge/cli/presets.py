"""``synaptile presets``: the built-in chips."""

from __future__ import annotations

import argparse

from .common import OK, output_folder, print_json
from .options import accept_seed, add_output_arguments

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument("name", nargs="?", help="the preset to show (default: list all)")
    add_output_arguments(parser, seed=False)
    accept_seed(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from synaptile.swsim.base.whole_file import write_bytes

    from ..config import ChipConfig
    from ..config.presets import list_energy_tables, list_presets, preset_path

    if args.name is None:
        presets, tables = list_presets(), list_energy_tables()
        if args.out:
            folder = output_folder(args.out)
            for name in presets:
                write_bytes(folder / f"{name}.yaml", preset_path(name).read_bytes())
        if args.json:
            print_json({"presets": presets, "energy_tables": tables})
        else:
            for title, lines in (
                ("chips (--chip NAME, Chip.preset(NAME)):", presets),
                ("energy tables (energy: NAME):", tables),
            ):
                print(title)
                for name, line in lines.items():
                    print(f"  {name:<15} {line}")
        return OK
    config = ChipConfig.preset(args.name)
    if args.out:
        write_bytes(output_folder(args.out) / f"{args.name}.yaml", preset_path(args.name).read_bytes())
    if args.json:
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
    else:
        print(preset_path(args.name).read_text(), end="")
    return OK
