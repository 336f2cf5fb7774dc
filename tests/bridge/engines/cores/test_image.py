"""Images of cores, events, and what ticks give: shapes that fit, arrays that stay."""

import numpy as np
import pytest

from synaptile.bridge.engines.cores import CoreImage, HostEvents, Spikes, Ticks


def image(**changes: object) -> CoreImage:
    plain = {
        "weights": np.zeros((3, 2)), "variables": {"v": [1, 2]}, "first": [0, -1],
        "tile": [0, 1], "axon": [2, 0], "delay": [1, 0], "last": [0, 1],
    }  # fmt: skip
    return CoreImage(**plain | changes)


def test_an_image_is_whole_numbers_that_nobody_changes() -> None:
    given = np.array([1.0, 2.0])
    made = image(variables={"v": given})
    given[0] = 7
    assert made.variables["v"].tolist() == [1, 2]
    assert made.variables["v"].dtype == np.int64
    assert made.key.tolist() == [0, 0]
    for array in (made.weights, made.first, made.tile, made.variables["v"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": [1, 2]}, r"^weights must have shape \(any, any\), not \(2,\)$"),
        ({"variables": {"u": [1]}}, r"^u must have shape \(2,\), not \(1,\)$"),
        ({"first": [0]}, r"^first must have shape \(2,\), not \(1,\)$"),
        ({"axon": [0]}, r"^axon must have shape \(2,\), not \(1,\)$"),
        ({"key": [0, 0, 0]}, r"^key must have shape \(2,\), not \(3,\)$"),
    ],
)
def test_shapes_that_do_not_fit_are_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        image(**change)


def test_events_are_as_many_of_each() -> None:
    assert len(HostEvents.none()) == 0
    assert len(HostEvents([0, 1], [3, 4], [1, 1])) == 2
    with pytest.raises(ValueError, match=r"^delay must have shape \(2,\), not \(1,\)$"):
        HostEvents([0, 1], [3, 4], [1])


def test_a_tick_has_the_spikes_of_its_number() -> None:
    numbers = np.array([4, 4, 6])
    spikes = Spikes(tick=numbers, tile=np.array([0, 1, 0]), neuron=np.array([9, 8, 7]), cycle=numbers * 10)
    ticks = Ticks(4, spikes, spikes.of(6), cycles=np.array([10, 11, 12]), overruns=np.array([0, 1, 0]))
    assert [ticks[number].fired.neuron.tolist() for number in range(len(ticks))] == [[9, 8], [], [7]]
    assert [len(ticks[number].reported) for number in range(3)] == [0, 0, 1]
    assert (ticks[1].cycles, ticks[1].overruns) == (11, 1)
    with pytest.raises(IndexError, match=r"^number must lie in 0\.\.2, not 3$"):
        ticks[3]
