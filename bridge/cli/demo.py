"""``synaptile demo``: handwritten digits, from PyNN to waveform and Verilog."""

from __future__ import annotations

import argparse
import json
from typing import Any

from .common import (
    INTERRUPTED,
    OK,
    add_chip_arguments,
    add_mapping_arguments,
    add_output_arguments,
    chip_config,
    output_folder,
    print_json,
    say,
    step_progress,
    tell,
    whole,
)

__all__ = ["add_arguments", "run"]

FEW_IMAGES = 16
"""Images shown to the chip where only the reference engine can run it, which takes some seconds for each."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's options."""
    parser.add_argument(
        "--images",
        type=whole(1, 360),
        help=f"held-out images to run on the chip (default: 360, all; {FEW_IMAGES} with the engine amaranth)",
    )
    add_chip_arguments(parser, preset="demo")
    add_mapping_arguments(parser)
    add_output_arguments(parser, out="out/demo")


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    import synaptile.swsim as sim

    from ..apps import digits as task
    from ..chip import Chip
    from ..engines import fastest
    from ..waves.recorder import VcdRecorder
    from .outcome import write_results

    config = chip_config(args)
    folder = output_folder(args.out)
    if args.images is None:
        args.images = FEW_IMAGES if fastest(args.engine) == "amaranth" else task.TEST_IMAGES

    say(args, "training a perceptron (64-40-10) on 1,437 of scikit-learn's handwritten digits ...")
    digits = task.train(args.seed)

    say(args, f"simulating the spiking network on the {task.TEST_IMAGES} held-out images in software ...")
    predictions, software = _simulate(sim, task, digits, task.TEST_IMAGES, None, args.seed)
    right = predictions == digits.labels

    say(
        args,
        f"running {args.images} of them on the chip, {config.rows}×{config.cols} crossbar tiles "
        f"of {config.crossbar.neurons} neurons, cycle by cycle ...",
    )
    # The waveform shows the first image while it is shown.
    waves = VcdRecorder(
        folder / "demo.vcd", clock_hz=config.clock_hz, start=0, stop=task.PRESENT * config.cycles_per_step
    )
    chip = Chip(
        config,
        engine=args.engine,
        threads=args.threads,
        partition=args.partition,
        placement=args.placement,
        profile=software,
        seed=args.seed,
        waves=waves,
    )
    interrupted = False
    on_chip = None
    try:
        on_chip, _ = _simulate(sim, task, digits, args.images, chip, args.seed)
    except KeyboardInterrupt:
        interrupted = True
    result = chip.report()
    accuracies = {
        "accuracy_perceptron": digits.perceptron_accuracy,
        "accuracy_software": float(right.mean()),
        "images_software": task.TEST_IMAGES,
        "accuracy_software_same_images": float(right[: args.images].mean()),
        "accuracy_chip": None if on_chip is None else float((on_chip == digits.labels[: args.images]).mean()),
        "images_chip": args.images,
    }
    rows = [
        ("Accuracy of the perceptron", f"{100 * digits.perceptron_accuracy:.1f}", f"% of {task.TEST_IMAGES} images"),
        ("Accuracy in software", f"{100 * right.mean():.1f}", f"% of {task.TEST_IMAGES} images"),
    ]
    if on_chip is not None:
        rows.append(("Accuracy on the chip", _percent(accuracies, "accuracy_chip"), f"% of {args.images} images"))
        same = _percent(accuracies, "accuracy_software_same_images")
        rows.append(("The same images in software", same, f"% of {args.images} images"))
    if args.json:
        print_json({**accuracies, **result.to_dict()})
    else:
        print()
        print(result.table(rows))

    verilog = chip.export(folder / "chip.v")
    wave_files = waves.finish()
    written = write_results(
        result,
        folder,
        title="Handwritten digits on a chip of crossbar tiles",
        extra_rows=rows,
        links=[*wave_files, verilog],
    )
    metrics = folder / "metrics.json"
    metrics.write_text(json.dumps({**accuracies, **result.to_dict()}, indent=2, allow_nan=False) + "\n")
    names = ", ".join(sorted(path.name for path in written))
    say(args, f"\nin {folder}: {names}")
    say(args, f"open {folder / 'report.html'}, or: cd {folder} && gtkwave demo.gtkw")
    if interrupted:
        tell("interrupted: the results are partial")
        return INTERRUPTED
    return OK


def _percent(values: dict[str, Any], key: str) -> str:
    return f"{100 * values[key]:.1f}"


def _simulate(sim: Any, task: Any, digits: Any, images: int, chip: Any, seed: int) -> tuple[Any, Any]:
    """Predictions for the first images, and the trace."""
    with step_progress("on the chip" if chip else "in software") as progress:
        sim.set_defaults(progress=progress)
        try:
            sim.setup(timestep=1.0, seed=seed, hardware=chip)
            network = task.DigitsNetwork(sim, digits, images)
            sim.run(network.duration)
            return network.predictions(), sim.get_trace()
        finally:
            sim.end()
            sim.set_defaults()
