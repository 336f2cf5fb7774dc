"""``synaptile demo``: handwritten digits, from PyNN to waveform and Verilog."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...json_text import write_json
from ..common import INTERRUPTED, OK, notify, output_folder, print_json, say
from ..options import (
    add_chip_arguments,
    add_compare_argument,
    add_mapping_arguments,
    add_output_arguments,
    add_tables_argument,
    chip_config,
    compared_with,
    tables_format,
    whole,
)
from ..outcome import chip_of, write_results
from .on_chip import OnChipDigits, accuracy_score, on_chip_part, runs_on_chip

if TYPE_CHECKING:
    from ...chip import Chip
    from ...config import ChipConfig
    from ...run import ChipRun
    from ...waves.recorder import VcdRecorder
    from ..progress import ReferenceProgress

__all__ = ["add_arguments", "run"]

REFERENCE_IMAGES = 16
"""Images shown to the chip where only the reference engine can run it, which takes some seconds for each."""

Rows = list[tuple[str, str, str]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument(
        "--images",
        type=whole(1, 360),
        help=f"held-out images to run on the chip (default: 360, all; {REFERENCE_IMAGES} with the engine amaranth)",
    )
    parser.add_argument(
        "--mode",
        choices=("lock-step", "on-chip"),
        help="run the network in software with the chip in lock-step, or in the chip's own cores (default: one after "
        "the other, the latter where the engine is compiled)",
    )
    add_compare_argument(parser, default="software")
    add_chip_arguments(parser, preset="demo")
    add_mapping_arguments(parser)
    add_output_arguments(parser, out="out/demo")
    add_tables_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from ...apps import digits as task
    from ...engines import fastest
    from ..progress import ReferenceProgress

    config, args.compared, args.beside = chip_config(args), compared_with(args), ReferenceProgress()
    tables_format(args)
    folder = output_folder(args.out)
    if args.images is None:
        args.images = REFERENCE_IMAGES if fastest(args.engine) == "amaranth" else task.TEST_IMAGES

    say(args, "training a perceptron (64-40-10) on 1,437 of scikit-learn's handwritten digits ...")
    digits = task.train(args.seed)

    say(args, f"simulating the spiking network on the {task.TEST_IMAGES} held-out images in software ...")
    predictions, software = _simulate(task, digits, task.TEST_IMAGES, None, args.seed)

    accuracies = {
        "accuracy_perceptron": digits.perceptron_accuracy,
        "accuracy_software": float((predictions == digits.labels).mean()),
        "images_software": len(predictions),
    }
    results: dict[str, Any] = {}
    complete = True
    if args.mode != "on-chip":
        results, complete = _in_lock_step(args, config, folder, digits, predictions, software, accuracies)
    if complete and runs_on_chip(args):
        place = folder if args.mode == "on-chip" else output_folder(folder / "on-chip")
        known = OnChipDigits(digits, predictions, accuracies, _rows(accuracies, on_chip=True), software)
        more, complete = on_chip_part(args, config, place, known, simulate=_simulating(task, args))
        results = more if args.mode == "on-chip" else {**results, "on_chip": more}
    if args.json:
        print_json(results)
    if not complete:
        notify("interrupted: the results are partial")
        return INTERRUPTED
    return OK


def _in_lock_step(
    args: argparse.Namespace,
    config: ChipConfig,
    folder: Path,
    digits: Any,
    predictions: Any,
    software: Any,
    accuracies: dict[str, Any],
) -> tuple[dict[str, Any], bool]:
    """Run the network with the chip in lock-step, print and write the results, and add to the accuracies.

    Returns the results as JSON types, and whether that came to its end.
    """
    from ...apps import digits as task
    from ...waves.recorder import VcdRecorder

    say(
        args,
        f"running {args.images} of them on the chip, {config.rows}×{config.cols} crossbar tiles "
        f"of {config.crossbar.neurons} neurons, cycle by cycle ...",
    )
    # The waveform shows the first image while it is shown.
    waves = VcdRecorder(
        folder / "demo.vcd", clock_hz=config.clock_hz, start=0, stop=task.PRESENT * config.cycles_per_step
    )
    score = accuracy_score(digits, args.images)
    chip = chip_of(
        args, config, profile=software, waves=waves, compare=args.compared, score=score, inferences=args.images
    )
    on_chip = None
    with contextlib.suppress(KeyboardInterrupt):
        on_chip, _ = _simulate(task, digits, args.images, chip, args.seed, args.beside)
    labels = digits.labels[: args.images]
    accuracies["accuracy_software_same_images"] = float((predictions[: args.images] == labels).mean())
    accuracies["accuracy_chip"] = None if on_chip is None else float((on_chip == labels).mean())
    accuracies["images_chip"] = args.images
    return _publish(args, folder, chip, waves, accuracies), on_chip is not None


def _rows(accuracies: dict[str, Any], *, on_chip: bool = False) -> Rows:
    """Return the accuracies as the first rows of a table of results, of the chip in lock-step or of its cores."""

    def row(what: str, key: str, images: int) -> tuple[str, str, str]:
        return what, f"{100 * accuracies[key]:.1f}", f"% of {images} images"

    images = accuracies["images_software"]
    rows = [
        row("Accuracy of the perceptron", "accuracy_perceptron", images),
        row("Accuracy in software", "accuracy_software", images),
    ]
    if accuracies.get("accuracy_chip") is not None:
        shown = accuracies["images_chip"]
        rows.append(row("Accuracy in lock-step" if on_chip else "Accuracy on the chip", "accuracy_chip", shown))
        if not on_chip:
            rows.append(row("The same images in software", "accuracy_software_same_images", shown))
    return rows


def _publish(
    args: argparse.Namespace, folder: Path, chip: Chip, waves: VcdRecorder, accuracies: dict[str, Any]
) -> dict[str, Any]:
    """Print the results, and write them with pictures, waveform and Verilog; return them as JSON types."""
    with args.beside.alone():
        result: ChipRun = chip.report()
    rows = _rows(accuracies)
    if not args.json:
        print()
        print(result.table(rows))

    verilog = chip.export(folder / "chip.v")
    written = write_results(
        result,
        folder,
        title="Handwritten digits on a chip of crossbar tiles",
        extra_rows=rows,
        tables=args.tables,
        links=[*waves.finish(), verilog],
    )
    values = {**accuracies, **result.to_dict()}
    write_json(folder / "metrics.json", values)
    names = ", ".join(sorted(path.name for path in written))
    say(args, f"\nin {folder}: {names}")
    say(args, f"open {folder / 'report.html'}, or: cd {folder} && gtkwave demo.gtkw")
    return values


def _simulating(task: Any, args: argparse.Namespace) -> Any:
    return lambda digits, images, chip: _simulate(task, digits, images, chip, args.seed, args.beside)


def _simulate(
    task: Any, digits: Any, images: int, chip: Chip | None, seed: int, beside: ReferenceProgress | None = None
) -> tuple[Any, Any]:
    """Return the predictions for the first images, and the trace."""
    import synaptile.swsim as sim

    from ..progress import step_progress

    with step_progress("on the chip" if chip else "in software", beside) as progress:
        sim.set_defaults(progress=progress, reference_progress=beside)
        try:
            sim.setup(timestep=1.0, seed=seed, hardware=chip)
            network = task.DigitsNetwork(sim, digits, images)
            sim.run(network.duration)
            return network.predictions(), sim.get_trace()
        finally:
            sim.end()
            sim.set_defaults()
