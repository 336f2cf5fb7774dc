"""The demonstration's task: handwritten digits, classified by a spiking network in plain PyNN.

The digits are scikit-learn's (1,797 images of 8 × 8 pixels, 16 grey levels). A perceptron with one hidden layer of
rectified linear units is trained on 80 % of them, and converted: each pixel becomes a regular spike train whose rate
is its brightness, each unit an integrate-and-fire neuron, each bias a constant current, the weights scaled by the
99.5th percentile of each layer's activation on the training set (data-based normalisation: Diehl et al., IJCNN 2015;
the percentile: Rueckauer et al., Front. Neurosci. 2017). The class is the output neuron that fires most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from synaptile.swsim.trace import Trace

__all__ = ["Digits", "DigitsNetwork", "predictions_of", "train"]

PRESENT = 24
"""Steps for which an image is shown."""
PAUSE = 12
"""Steps between images, in which the membranes forget the last one."""
STEPS = PRESENT + PAUSE
BRIGHTEST = 12
"""Spikes of a white pixel."""
TAU_M = 15.0
"""Membrane time constant in ms."""
HIDDEN = 40
TEST_IMAGES = 360

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Digits:
    """A trained and converted classifier, and the images held out from training.

    Attributes
    ----------
    images, labels
        Shape (360, 64) in 0..1, and (360,).
    weights
        Shapes (64, hidden) and (hidden, 10), in units of the neurons' threshold.
    drives
        Shapes (hidden,) and (10,): the biases, as threshold per step.
    perceptron_accuracy
        Of the trained perceptron on the held-out images, before conversion.
    """

    images: Floats
    labels: npt.NDArray[np.int64]
    weights: tuple[Floats, Floats]
    drives: tuple[Floats, Floats]
    perceptron_accuracy: float


def train(seed: int = 0) -> Digits:
    """Train and convert; takes about two seconds. The same seed gives the same weights."""
    import warnings

    from sklearn.datasets import load_digits
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier

    images, labels = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        images / 16, labels, test_size=TEST_IMAGES, random_state=seed, stratify=labels
    )
    perceptron = MLPClassifier((HIDDEN,), alpha=0.01, max_iter=150, random_state=seed)
    with warnings.catch_warnings():
        # 150 passes are enough here, whether or not the optimiser thinks that it has arrived.
        warnings.simplefilter("ignore", ConvergenceWarning)
        perceptron.fit(train_x, train_y)
    (w1, w2), (b1, b2) = perceptron.coefs_, perceptron.intercepts_
    hidden = np.maximum(train_x @ w1 + b1, 0)
    top1, top2 = np.percentile(hidden, 99.5), np.percentile(hidden @ w2 + b2, 99.5)
    return Digits(
        images=test_x,
        labels=test_y,
        weights=(w1 / top1, w2 * top1 / top2),
        drives=(b1 / top1 * BRIGHTEST / PRESENT, b2 / top2 * BRIGHTEST / PRESENT),
        perceptron_accuracy=float(perceptron.score(test_x, test_y)),
    )


class DigitsNetwork:
    """The network, built with any PyNN simulator that has been set up with a time step of 1 ms.

    Parameters
    ----------
    sim
        The PyNN module.
    digits
        The classifier.
    count
        How many of the held-out images to show, one after the other.
    """

    def __init__(self, sim: Any, digits: Digits, count: int) -> None:
        self.count = count
        self.duration = float(count * STEPS)
        trains = _spike_trains(digits.images[:count])
        pixels = sim.Population(64, sim.SpikeSourceArray(spike_times=trains), label="pixels")
        layers = [pixels]
        for label, weights, drive in zip(("hidden", "output"), digits.weights, digits.drives, strict=True):
            # Threshold 1 mV above rest, so that a weight of 1 mV is one threshold. A current of 1 nA raises a
            # membrane of tau_m/cm = R by R mV; held for a step of 1 ms it adds about R / tau_m.
            cell = sim.IF_curr_delta(
                v_rest=0.0, v_reset=0.0, v_thresh=1.0, tau_m=TAU_M, cm=1.0, tau_refrac=0.0, i_offset=drive
            )
            layer = sim.Population(len(drive), cell, initial_values={"v": 0.0}, label=label)
            for sign, receptor in ((1, "excitatory"), (-1, "inhibitory")):
                pre, post = np.nonzero(weights * sign > 0)
                connections = np.column_stack([pre, post, weights[pre, post]])
                sim.Projection(
                    layers[-1],
                    layer,
                    sim.FromListConnector(connections, column_names=["weight"]),
                    sim.StaticSynapse(delay=1.0),
                    receptor_type=receptor,
                    label=f"{layers[-1].label}→{layer.label}, {receptor}",
                )
            layers.append(layer)
        self.pixels, self.hidden, self.output = layers
        self.output.record("spikes")

    def predictions(self) -> npt.NDArray[np.int64]:
        """The class of each image, shape (images,), after the simulation has run for ``duration``."""
        trains = [train.rescale("ms").magnitude for train in self.output.get_data().segments[-1].spiketrains]
        return _classes(np.repeat(np.arange(len(trains)), [len(train) for train in trains]), trains, self.count)


def predictions_of(trace: Trace, count: int) -> npt.NDArray[np.int64]:
    """The class of each of so many images, shape (images,), by the spikes of a `DigitsNetwork`."""
    output = trace.population("output")
    mine = (trace.spike_neuron >= output.start) & (trace.spike_neuron < output.stop)
    return _classes(trace.spike_neuron[mine] - output.start, [trace.spike_step[mine] * trace.dt], count)


def _classes(
    digit: npt.NDArray[np.integer], ms: Sequence[npt.NDArray[np.floating[Any]]], count: int
) -> npt.NDArray[np.int64]:
    """The class of each image by spikes of output neurons, shape (spikes,), at times in arrays one after the other."""
    # A spike takes two steps from pixel to output: what arrives late still belongs to its image.
    image = ((np.concatenate([np.zeros(0), *ms]) - 1) // STEPS).astype(int).clip(0, count - 1)
    counts = np.zeros((count, 10), dtype=np.int64)
    np.add.at(counts, (image, digit), 1)
    return counts.argmax(axis=1)


def _spike_trains(images: Floats) -> list[list[float]]:
    """Regular trains: a pixel of brightness b fires round(12 b) times, evenly, while its image is shown."""
    spikes = np.rint(images * BRIGHTEST).astype(int)  # (images, pixels)
    step = np.arange(PRESENT)[:, None, None]
    fires = (step + 1) * spikes // PRESENT > step * spikes // PRESENT  # (steps, images, pixels)
    trains = []
    for pixel in range(images.shape[1]):
        image, when = np.nonzero(fires[:, :, pixel].T)
        trains.append((image * STEPS + when + 1).astype(float).tolist())
    return trains
