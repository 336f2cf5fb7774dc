"""What a chip may be told to compare its runs with."""

from pathlib import Path
from typing import Any

import pytest
from support.fake_runs import random_trace

from synaptile.bridge import Chip
from synaptile.bridge.comparison.cause import Evidence
from synaptile.bridge.comparison.reference import Reference, load_trace
from synaptile.bridge.errors import ConfigError
from synaptile.swsim import NoReference
from synaptile.swsim.trace import TraceError

NOTHING = Evidence(None)


def test_nothing_is_compared_with_nothing() -> None:
    reference = Reference()
    assert not reference.is_software
    reference.begin(1.0, 3, [])
    assert reference.changes(random_trace(), NOTHING) == (None, None)


@pytest.mark.parametrize("compare", [True, "software"])
def test_software_is_asked_when_results_are(compare: Any) -> None:
    reference, trace = Reference(compare), random_trace()
    assert reference.is_software
    asked = []
    reference.take(lambda: asked.append(1) or trace)
    assert not asked
    changes, why = reference.changes(trace, NOTHING)
    assert (changes is not None and changes.is_same, changes and changes.origin, why) == (True, "software", None)
    reference.begin(1.0, 20, trace.populations)
    assert reference.changes(trace, NOTHING) == (None, "it was not followed in software")


@pytest.mark.parametrize("error", [NoReference("x was set"), KeyboardInterrupt()])
def test_why_it_is_not_known(error: BaseException) -> None:
    def fail() -> Any:
        raise error

    reference = Reference(True)
    reference.take(fail)
    assert reference.changes(random_trace(), NOTHING) == (None, str(error) or "the comparison was interrupted")


def test_a_trace_its_file_and_its_folder(tmp_path: Path) -> None:
    trace = random_trace()
    path = trace.save(tmp_path / "snn.sw.out")
    for compare, origin in ((trace, "the trace given"), (path, str(path)), (str(tmp_path), str(tmp_path))):
        reference = Reference(compare, score=lambda found: found.spikes)
        reference.begin(trace.dt, trace.neurons, trace.populations)
        changes, why = reference.changes(trace, NOTHING)
        assert why is None
        assert changes is not None
        assert (changes.origin, changes.scores) == (origin, {"score": trace.spikes})
    assert load_trace(tmp_path).spikes == trace.spikes
    assert reference.changes(random_trace(steps=30), NOTHING) == (
        None,
        "two runs must be of one network, but steps is 20 in the one and 30 in the other",
    )


def test_traces_of_another_network_are_refused_before_the_run() -> None:
    reference = Reference(random_trace((3, 2), labels=["a", "b"]))
    same = random_trace((3, 2), labels=["a", "b"]).populations
    reference.begin(1.0, 5, same)
    for arguments, message in (
        ((1.0, 6, same), "with neurons 6, not 5"),
        ((0.5, 5, same), "with step in ms 0.5, not 1.0"),
        ((1.0, 5, random_trace((3, 2), labels=["a", "c"]).populations), "with populations a, c, not a, b"),
        ((1.0, 5, random_trace((2, 3), labels=["a", "b"]).populations), "with populations of the same sizes"),
    ):
        with pytest.raises(ConfigError, match=f"^compare must be a run of this network, {message}$"):
            reference.begin(*arguments)
    Reference(random_trace(())).begin(1.0, 0, same[:0])


def test_wrong_references(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"^compare must be True, False, 'software', a trace or its file, not 3$"):
        Chip(compare=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^score must be a function of a trace, not 3$"):
        Chip(score=3)  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        Chip(compare=tmp_path / "nowhere")
    (tmp_path / "none").write_text("no trace")
    with pytest.raises(TraceError):
        Chip(compare=tmp_path / "none")
