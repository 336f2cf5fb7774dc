"""The demonstration's second part: the same digits in the chip's own cores."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...json_text import write_json
from ..common import say, shown
from ..outcome import chip_of, write_results

if TYPE_CHECKING:
    from synaptile.swsim.trace import Trace

    from ...config import ChipConfig
    from ...run import ChipRun

__all__ = ["OnChipDigits", "accuracy_score", "image_cycles", "on_chip_part", "runs_on_chip", "unlike"]

REFERENCE_IMAGES = 1
"""Images shown where only the reference engine can run the cores, which takes minutes for each."""

WAVES_CYCLES = 20_000
"""Clock cycles of which the waveform shows the neurons: about six images."""

Rows = list[tuple[str, str, str]]


@dataclass(frozen=True)
class OnChipDigits:
    """What is known before the cores run.

    Attributes
    ----------
    digits
        The classifier.
    predictions
        Of the network in software, for all held-out images.
    accuracies
        What was measured so far, by the names in ``metrics.json``.
    earlier
        The rows of those accuracies.
    software
        The trace of the network in software.
    """

    digits: Any
    predictions: Any
    accuracies: dict[str, Any]
    earlier: Rows
    software: Trace


def accuracy_score(digits: Any, images: int) -> Callable[[Trace], dict[str, float]]:
    """Return the function that gives the accuracy of a trace for so many images."""
    from ...apps.digits import predictions_of

    return lambda trace: {"accuracy": float((predictions_of(trace, images) == digits.labels[:images]).mean())}


def runs_on_chip(args: argparse.Namespace) -> bool:
    """Whether the demonstration has this part: where it is asked for, or the compiled engine runs it quickly."""
    from ...engines import fastest

    if args.mode is not None:
        return bool(args.mode == "on-chip")
    return fastest(args.engine) == "compiled"


def image_cycles(run: ChipRun, images: int, steps: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the clock cycles of each image, shape (images,): those of its ticks, the one at time 0 left out.

    Images that were not shown to their end are not among them, and with the model there are none.
    """
    assert run.log is not None
    cycles = np.asarray(run.log.lengths[1 : 1 + images * steps if run.log.timed else 1], np.int64)
    whole: np.ndarray[Any, np.dtype[np.int64]] = cycles[: len(cycles) // steps * steps].reshape(-1, steps).sum(axis=1)
    return whole


def on_chip_part(
    args: argparse.Namespace, config: ChipConfig, folder: Path, known: OnChipDigits, *, simulate: Any
) -> tuple[dict[str, Any], bool]:
    """Run the digits in the cores, print and write the results.

    Returns them as JSON types, none if nothing has run, and whether that came to its end.

    ``simulate`` is given digits, images and chip, and returns predictions and trace.
    """
    from ...apps import digits as task
    from ...chip import MODEL
    from ...config.parameters import core_values
    from ...engines import fastest
    from ...waves.neuron_recorder import NeuronRecorder

    images = args.images
    if fastest(args.engine) == "amaranth":
        images = min(images, REFERENCE_IMAGES)
    say(
        args,
        f"\nrunning {images} of them in the chip's own cores, {config.crossbar.axons} axons × "
        f"{config.crossbar.neurons} neurons × {core_values(config)['weight_bits']} bits on each tile ...",
    )
    waves = None
    if args.engine != MODEL:
        waves = NeuronRecorder(folder / "demo.neurons.vcd", clock_hz=config.clock_hz, stop=WAVES_CYCLES)
    score = accuracy_score(known.digits, images)
    options: dict[str, Any] = {"mode": "on-chip", "profile": known.software, "inferences": images}
    chip = chip_of(args, config, neuron_waves=waves, compare=args.compared, score=score, **options)
    predictions = None
    try:
        predictions, _ = simulate(known.digits, images, chip)
    except KeyboardInterrupt:
        if not chip.has_run:
            return {}, False
    with args.beside.alone():
        run = chip.report()
    values = known.accuracies | _measured(run, known, predictions, images, task.STEPS)
    if predictions is not None and args.engine != MODEL:
        model = chip_of(argparse.Namespace(**{**vars(args), "engine": MODEL}), config, **options)
        _, trace = simulate(known.digits, images, model)
        values["spikes_unlike_model"] = unlike(run.trace, trace)
    rows = known.earlier + _rows(values)
    if not args.json:
        print()
        print(run.table(rows))
    recorded = waves.finish() if waves else []
    title = "Handwritten digits in the cores of a chip"
    written = write_results(run, folder, title=title, extra_rows=rows, links=recorded, tables=args.tables)
    results = {**values, **run.to_dict()}
    write_json(folder / "metrics.json", results)
    say(args, f"\nin {shown(folder)}: {', '.join(sorted(path.name for path in written))}")
    return results, predictions is not None


def _measured(run: ChipRun, known: OnChipDigits, predictions: Any, images: int, steps: int) -> dict[str, Any]:
    cycles = image_cycles(run, images, steps)
    mean = float(cycles.mean()) if len(cycles) else None
    labels = known.digits.labels[:images]
    return {
        "accuracy_on_chip": None if predictions is None else float((predictions == labels).mean()),
        "images_on_chip": images,
        "accuracy_software_images_on_chip": float((known.predictions[:images] == labels).mean()),
        "cycles_per_image": mean,
        "cycles_per_image_max": int(cycles.max()) if len(cycles) else None,
        "ms_per_image": None if mean is None else 1e3 * mean / run.config.clock_hz,
    }


def unlike(one: Trace, other: Trace) -> int:
    """Count the spikes that only one of two runs of a network has."""
    first, second = (
        set(zip(trace.spike_step.tolist(), trace.spike_neuron.tolist(), strict=True)) for trace in (one, other)
    )
    return len(first ^ second)


def _rows(values: dict[str, Any]) -> Rows:
    rows = []
    if values["accuracy_on_chip"] is not None:
        share = f"% of {values['images_on_chip']} images"
        rows.append(("Accuracy on-chip, in whole numbers", f"{100 * values['accuracy_on_chip']:.1f}", share))
        if values["images_on_chip"] != values["images_software"]:
            same = values["accuracy_software_images_on_chip"]
            rows.append(("The same images in software", f"{100 * same:.1f}", share))
    if "spikes_unlike_model" in values:
        rows.append(("Spikes unlike the whole-number model", f"{values['spikes_unlike_model']:,}", "spikes"))
    if values["cycles_per_image"] is not None:
        rows.append(("An image on-chip, mean", f"{values['cycles_per_image']:,.0f}", "cycles"))
        rows.append(("An image on-chip, longest", f"{values['cycles_per_image_max']:,}", "cycles"))
        rows.append(("An image at the chip's clock", f"{values['ms_per_image']:.3f}", "ms"))
    return rows
