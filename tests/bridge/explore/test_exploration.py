"""A study gives the same trials whatever happens to it on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.study_executor import FormulaExecutor, formula

from synaptile.bridge.errors import ConfigError
from synaptile.bridge.explore import Exploration, Study, explore
from synaptile.bridge.explore.samplers import SAMPLERS
from synaptile.bridge.explore.trial import State

Studies = Callable[..., Study]


def told(found: Exploration) -> list[Any]:
    return [(trial.point, trial.state, trial.values, trial.violations, trial.same_as) for trial in found.trials]


@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if name != "grid"])
def test_order_of_completion_and_interruptions_make_no_difference(sampler: str, study: Studies, tmp_path: Path) -> None:
    one = study(sampler=sampler, constraints=["late_spikes <= 20"], trials=27, batch=5)
    whole = explore(one, executor=FormulaExecutor(formula))
    assert [trial.number for trial in whole.trials] == list(range(27))
    assert not whole.interrupted
    assert len(whole.finished) == 27
    shuffled = explore(one, executor=FormulaExecutor(formula, shuffle=1))
    assert told(shuffled) == told(whole)
    points = []
    for stop in (3, 9, 1, 100):
        executor = FormulaExecutor(formula, shuffle=stop, stop_after=stop)
        parts = explore(one, folder=tmp_path, executor=executor)
        points += executor.points
        assert parts.interrupted == (stop < 100)
    assert told(parts) == told(whole)
    # No trial is run twice that was over; those that Ctrl-C caught under way are few.
    distinct = sum(trial.same_as is None for trial in whole.trials)
    assert distinct <= len(points) <= distinct + 3 * 5


@settings(max_examples=examples(3, 100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sampler=st.sampled_from(["nsga2", "tpe", "swarm"]),
    batch=st.integers(2, 7),
    seed=st.integers(0, 1000),
    first=st.integers(1, 20),
)
def test_a_study_that_is_made_longer_is_one_that_was(
    sampler: str, batch: int, seed: int, first: int, study: Studies, tmp_path_factory: pytest.TempPathFactory
) -> None:
    keys = {"sampler": sampler, "batch": batch, "seed": seed}
    folder = tmp_path_factory.mktemp("study")
    explore(study(**keys, trials=first), folder=folder, executor=FormulaExecutor(formula))
    longer = explore(study(**keys, trials=21), folder=folder, executor=FormulaExecutor(formula))
    assert told(longer) == told(explore(study(**keys, trials=21), executor=FormulaExecutor(formula)))


def test_a_point_that_comes_again_is_not_run_again(study: Studies) -> None:
    executor = FormulaExecutor(formula)
    found = explore(study(space={"buffer_depth": {"range": [1, 3]}}, fixed={"cycles_per_step": 50}), executor=executor)
    assert len(executor.points) == 3
    for trial in found.trials:
        if trial.same_as is not None:
            assert trial.same_as < trial.number
            assert found.trials[trial.same_as].values == trial.values
    assert all(trial.same_as is None for trial in found.front)


def test_optuna_reads_the_database(study: Studies, tmp_path: Path) -> None:
    found = explore(study(constraints=["late_spikes <= 0"]), folder=tmp_path, executor=FormulaExecutor(formula))
    theirs = optuna.load_study(study_name="study", storage=f"sqlite:///{tmp_path / 'study.db'}")
    assert [trial.params for trial in theirs.trials] == [dict(trial.point) for trial in found.trials]
    assert {trial.number for trial in found.front} <= {trial.number for trial in theirs.best_trials}
    assert theirs.metric_names == ["latency_mean", "energy"]


def test_another_study_of_the_name_is_refused(study: Studies, tmp_path: Path) -> None:
    explore(study(), folder=tmp_path, executor=FormulaExecutor(formula))
    with pytest.raises(ConfigError, match=r"'study' in .*study.db was begun with another seed; give this one another"):
        explore(study(seed=1), folder=tmp_path, executor=FormulaExecutor(formula))


def test_why_there_is_no_front(study: Studies) -> None:
    none = explore(study(constraints=["late_spikes <= -1"]), executor=FormulaExecutor(formula))
    assert none.front == []
    assert str(none.why_none()).endswith("holds all constraints; the nearest breaks late_spikes <= -1 (0)")
    bad = explore(study(), executor=FormulaExecutor(lambda point: "too small"))
    assert bad.why_none() == "no point is feasible: all 30 trials were refused or failed, 30 with: too small"
    undefined = explore(study(), executor=FormulaExecutor(lambda point: {"energy": 1.0}))
    assert "latency_mean: undefined" in str(undefined.why_none())


def test_a_limit_of_time_leaves_the_rest(study: Studies, tmp_path: Path) -> None:
    def slow(point: Mapping[str, Any]) -> dict[str, float] | str:
        time.sleep(0.05)
        return formula(point)

    part = explore(study(time_limit=0.3), folder=tmp_path, executor=FormulaExecutor(slow))
    assert part.interrupted
    assert 0 < len(part.finished) < 30
    rest = explore(study(), folder=tmp_path, executor=FormulaExecutor(formula))
    assert told(rest) == told(explore(study(), executor=FormulaExecutor(formula)))


def test_any_executor_runs_real_trials(study: Studies) -> None:
    keys = {"fixed": {"engine": "amaranth"}, "trials": 2, "batch": 2, "chip": {"mesh": "1x2", "crossbar": "16x8"}}
    alone = explore(study(**keys))
    assert len(alone.of_state(State.DONE)) == 2, alone.why_none()
    with ThreadPoolExecutor(1) as executor:
        assert told(explore(study(**keys), executor=executor)) == told(alone)


def test_tables(study: Studies) -> None:
    found = explore(study(), executor=FormulaExecutor(formula))
    frame = found.to_pandas()
    assert list(frame["number"]) == list(range(30))
    assert int(frame["front"].sum()) == len(found.front) > 1
    lines = found.table().splitlines()
    assert lines[0].startswith("study: 30 trials, ")
    assert len(lines) == 2 + len(found.front)
    html = found._repr_html_()
    assert html.count("<tr>") == 1 + len(found.front)
    assert repr(found) == f"<Exploration study: 30 trials, {len(found.front)} on the front>"


_KILLED = """
import sys, time
sys.path.insert(0, {tests!r})
from support.study_executor import FormulaExecutor, formula
from synaptile.bridge.explore import Study, explore

def slow(point):
    time.sleep(0.02)
    print("one", flush=True)
    return formula(point)

explore(Study(**{keys!r}), folder={folder!r}, executor=FormulaExecutor(slow, shuffle=3))
print("end", flush=True)
"""


def test_a_study_that_is_killed_goes_on(study: Studies, tmp_path: Path, trace_file: Path) -> None:
    one = study()
    keys = {key: getattr(one, key) for key in one.model_fields_set}
    code = _KILLED.format(tests=str(Path(__file__).parents[2]), keys=keys, folder=str(tmp_path / "killed"))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(11):
        assert process.stdout.readline() == "one\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    executor = FormulaExecutor(formula)
    rest = explore(one, folder=tmp_path / "killed", executor=executor)
    whole = explore(one, executor=FormulaExecutor(formula))
    assert told(rest) == told(whole)
    # What was over is not run again: of the 11, those under way were at most a batch.
    distinct = sum(trial.same_as is None for trial in whole.trials)
    assert distinct - 11 <= len(executor.points) <= distinct - 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="locks of files are Unix's")
def test_two_processes_do_not_run_one_study(study: Studies, tmp_path: Path) -> None:
    from synaptile.bridge.explore.database import Database, DatabaseError

    url = f"sqlite:///{tmp_path / 'study.db'}"
    first = Database(study(), url)
    with pytest.raises(DatabaseError, match="the study 'study' is being run by another process"):
        Database(study(), url)
    first.close()
    Database(study(), url).close()
