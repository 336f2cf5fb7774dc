"""The front as text: numbers as people read them."""

from collections.abc import Callable

import pytest
from support.study_executor import FormulaExecutor

from synaptile.bridge.explore import Study, explore
from synaptile.bridge.explore.results.rows import cells_of, head_of, rows_of


@pytest.mark.parametrize(
    ("energy", "text"),
    [(32_590_000.0, "32.6 µJ"), (9_865_398.89, "9.87 µJ"), (7.0, "7.00 pJ"), (0.0, "0 J"), (2e15, "2.00 kJ")],
)
def test_energies_have_three_digits_and_a_unit(study: Callable[..., Study], energy: float, text: str) -> None:
    one = study(objectives=["latency_mean", "energy"], trials=1, batch=2)
    found = explore(one, executor=FormulaExecutor(lambda point: {"latency_mean": 12_345.678, "energy": energy}))
    assert head_of(one)[1:3] == ["latency_mean ↓", "energy ↓"]
    assert cells_of(one, found.trials[0])[1:3] == ["12,345.68", text]
    assert rows_of(one, found.trials, found.front)[0]["energy"] == energy
