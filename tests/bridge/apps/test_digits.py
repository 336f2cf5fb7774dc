import numpy as np

import synaptile.swsim as sim
from synaptile.bridge.apps.digits import BRIGHTEST, PRESENT, STEPS, Digits, DigitsNetwork


def by_hand() -> Digits:
    """Pixel k excites hidden unit k, which excites output k: the class is the brightest of the first ten pixels."""
    images = np.zeros((3, 64))
    images[[0, 1, 2], [7, 0, 3]] = 1.0
    images[0, 2] = 0.5
    first = np.zeros((64, 10))
    first[np.arange(10), np.arange(10)] = 1.0
    return Digits(images, np.array([7, 0, 3]), (first, np.eye(10)), (np.zeros(10), np.zeros(10)), 1.0)


def test_each_image_gets_the_class_of_the_output_that_fires_most() -> None:
    sim.setup(timestep=1.0)
    network = DigitsNetwork(sim, by_hand(), 3)
    sim.run(network.duration)
    predictions, trace = network.predictions(), sim.get_trace()
    sim.end()
    assert trace.steps == 3 * STEPS + 1
    assert predictions.tolist() == [7, 0, 3]


def test_a_pixel_fires_as_often_as_it_is_bright_and_only_while_its_image_is_shown() -> None:
    sim.setup(timestep=1.0)
    network = DigitsNetwork(sim, by_hand(), 3)
    sim.run(network.duration)
    trace = sim.get_trace()
    sim.end()
    pixels = trace.population("pixels")
    trains = [trace.spike_step[trace.spike_neuron == neuron] for neuron in range(pixels.start, pixels.stop)]
    counts = {pixel: len(train) for pixel, train in enumerate(trains) if len(train)}
    assert counts == {7: BRIGHTEST, 2: BRIGHTEST // 2, 0: BRIGHTEST, 3: BRIGHTEST}
    for pixel, image in ((7, 0), (2, 0), (0, 1), (3, 2)):
        assert all(image * STEPS < step <= image * STEPS + PRESENT for step in trains[pixel].tolist())
