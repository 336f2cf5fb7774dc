"""The looks of populations."""

from synaptile.bridge.plots.style import _COLOURS, _HATCHES, swatch


def test_no_two_populations_look_alike_until_colours_and_hatches_are_used_up():
    looks = [swatch(number) for number in range(len(_COLOURS) * len(_HATCHES))]
    assert len({(look.colour, look.hatch) for look in looks}) == len(looks)
    assert [look.colour for look in looks[: len(_COLOURS)]] == list(_COLOURS)
    assert {look.hatch for look in looks[: len(_COLOURS)]} == {_HATCHES[0]}
    assert swatch(len(looks)) == looks[0]
