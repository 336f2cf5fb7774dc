"""Samplers find what they are to find."""

from collections.abc import Callable, Mapping
from typing import Any

from support.study_executor import FormulaExecutor, formula

from synaptile.bridge.explore import Study, explore
from synaptile.bridge.explore.trial import State

Studies = Callable[..., Study]


def test_samplers_find_more_than_chance_does(study: Studies) -> None:
    def distance(point: Mapping[str, Any]) -> dict[str, float]:
        return {"energy": abs(point["buffer_depth"] - 11) + abs(point["cycles_per_step"] - 77)}

    best = {}
    for sampler in ("random", "nsga2", "tpe", "swarm"):
        least = []
        for seed in range(3):
            one = study(sampler=sampler, objectives=["energy"], trials=100, batch=10, seed=seed)
            least.append(explore(one, executor=FormulaExecutor(distance)).front[0].values["energy"])
        best[sampler] = sum(least)
    assert all(best[sampler] < best["random"] for sampler in ("nsga2", "tpe", "swarm")), best


def test_points_without_a_result_are_kept_away_from(study: Studies) -> None:
    def half(point: Mapping[str, Any]) -> dict[str, float] | str:
        return "too deep" if point["buffer_depth"] > 8 else formula(point)

    found = explore(study(sampler="nsga2", trials=120, batch=20), executor=FormulaExecutor(half))
    refused = [trial.number for trial in found.of_state(State.REFUSED)]
    assert len([number for number in refused if number >= 60]) < len([number for number in refused if number < 60]) / 2


def test_the_grid_is_whole_and_each_point_is_run_once(study: Studies) -> None:
    executor = FormulaExecutor(formula)
    space = {"buffer_depth": {"range": [1, 9], "step": 4}, "cycles_per_step": {"choice": [8, 99]}}
    found = explore(study(sampler="grid", trials=None, space=space), executor=executor)
    assert [tuple(trial.point.values()) for trial in found.trials] == [(b, c) for b in (1, 5, 9) for c in (8, 99)]
    assert executor.points == [dict(trial.point) for trial in found.trials]
