"""Digits through the host link: the figures, and with SYNAPTILE_THOROUGH=1 the digits."""

import pytest
from support.effort import examples

from synaptile.bridge.bench.fpga_link import LinkFigures, digits_through_link

FIGURES = LinkFigures(
    images=4, ticks=144, spikes=30, same=True, clock_hz=48e6, baud=3_000_000, load_bytes=60_000, load_seconds=0.25,
    down_bytes=12_000, up_bytes=4_000, run_seconds=0.05, chip_cycles=19_200,
)  # fmt: skip


def test_figures() -> None:
    assert FIGURES.load_efficiency == pytest.approx(0.8)
    assert FIGURES.images_per_second == pytest.approx(80)
    assert FIGURES.images_per_second_of_line == pytest.approx(100)
    assert FIGURES.images_per_second_of_chip == pytest.approx(10_000)
    assert FIGURES.to_dict()["images_per_second"] == FIGURES.images_per_second


@pytest.mark.slow
@pytest.mark.skipif(examples(True, False), reason="minutes of simulation, with SYNAPTILE_THOROUGH=1 only")
def test_digits_have_the_same_spikes_through_the_link_as_compiled() -> None:
    found = digits_through_link(10)
    assert found.same
    assert found.spikes > 40
    assert found.load_efficiency > 0.85
    assert found.images_per_second > 0.85 * found.images_per_second_of_line
