"""Studies in databases: which can be used, what is said of those that cannot, and PostgreSQL."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from support.study_executor import FormulaExecutor, formula

from synaptile.bridge.errors import ConfigError
from synaptile.bridge.explore import Exploration, Study, explore
from synaptile.bridge.explore.database import Database, DatabaseError
from synaptile.bridge.explore.trial import Trial

Studies = Callable[..., Study]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "mysql://me:secret@host/db",
            r"storage must be sqlite:///FILE or postgresql://\.\.\., not 'mysql://me@host/db'",
        ),
        ("sqlite://", r"storage must be sqlite:///FILE or postgresql://\.\.\., not 'sqlite://'"),
        ("study.db", r"storage must be sqlite:///FILE or postgresql://\.\.\., not 'study.db'"),
    ],
)
def test_other_databases_are_refused(url: str, message: str, study: Studies) -> None:
    with pytest.raises(ConfigError, match=message):
        Database(study(), url)


def test_a_database_that_cannot_be_reached(study: Studies, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DatabaseError) as error:
        Database(study(), f"postgresql://me:secret@127.0.0.1:{port}/none")
    assert str(error.value).startswith(f"the database postgresql://me@127.0.0.1:{port}/none cannot be used: ")
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)
    with pytest.raises(DatabaseError, match="cannot be used: No such file or directory"):
        Database(study(), f"sqlite:///{tmp_path}/none/study.db")
    (tmp_path / "text.db").write_text("no database, but a text that is long enough to be read as one" * 40)
    with pytest.raises(DatabaseError, match="cannot be used: file is not a database"):
        Database(study(), f"sqlite:///{tmp_path}/text.db")


def _told(found: Exploration) -> list[Any]:
    return [(trial.point, trial.state, trial.values, trial.violations, trial.same_as) for trial in found.trials]


def _moved(study: Studies, old: str, new: str, how: Callable[[], None] | None = None) -> None:
    """Run a part of a study in one database, and the rest in another; nothing that is over is run again."""
    keys = {"constraints": ["late_spikes <= 20"]}
    part = explore(study(**keys, trials=14), storage=old, executor=FormulaExecutor(formula, shuffle=1, stop_after=9))
    assert part.interrupted
    over = {trial.number for trial in part.finished}
    if how is not None:
        how()
    executor = FormulaExecutor(formula)
    rest = explore(study(**keys), storage=new, copy_from=old if how is None else None, executor=executor)
    whole = explore(study(**keys), executor=FormulaExecutor(formula))
    assert _told(rest) == _told(whole)
    points = [trial.point for trial in whole.trials if trial.same_as is None and trial.number not in over]
    assert sorted(map(str, executor.points)) == sorted(map(str, points))
    assert len(over) >= 6
    # The old one is as it was, and again there is nothing to do.
    again = FormulaExecutor(formula)
    assert _told(explore(study(**keys), storage=new, copy_from=old, executor=again)) == _told(whole)
    assert again.points == []
    last = explore(study(**keys, trials=14), storage=old, executor=FormulaExecutor(formula, stop_after=0))
    assert {trial.number for trial in last.finished} == over


def test_a_study_goes_on_in_another_file(study: Studies, tmp_path: Path) -> None:
    _moved(study, f"sqlite:///{tmp_path / 'old.db'}", f"sqlite:///{tmp_path / 'new.db'}")


def test_a_copy_that_was_interrupted_is_completed(
    study: Studies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (f"sqlite:///{tmp_path / name}.db" for name in ("old", "new"))
    whole = explore(study(), storage=old, executor=FormulaExecutor(formula))
    usual, count = Database.finish, []

    def finish(self: Database, trial: Trial) -> None:
        count.append(trial)
        if len(count) == 8:
            raise KeyboardInterrupt
        usual(self, trial)

    monkeypatch.setattr(Database, "finish", finish)
    with pytest.raises(KeyboardInterrupt):
        explore(study(), storage=new, copy_from=old, executor=FormulaExecutor(formula))
    executor = FormulaExecutor(formula)
    assert _told(explore(study(), storage=new, copy_from=old, executor=executor)) == _told(whole)
    assert executor.points == []


def test_what_cannot_be_copied_is_said(study: Studies, tmp_path: Path) -> None:
    old, new = (f"sqlite:///{tmp_path / name}.db" for name in ("old", "new"))
    with pytest.raises(DatabaseError, match=r"old\.db cannot be used: No such file or directory"):
        explore(study(), storage=new, copy_from=old, executor=FormulaExecutor(formula))
    assert not (tmp_path / "old.db").exists()
    explore(study(name="mine"), storage=old, executor=FormulaExecutor(formula))
    with pytest.raises(DatabaseError, match=r"there is no study 'study' in the database .*old\.db"):
        explore(study(), storage=new, copy_from=old, executor=FormulaExecutor(formula))
    with pytest.raises(ConfigError, match=r"'mine' in .*old\.db was begun with another seed"):
        explore(study(name="mine", seed=1), storage=new, copy_from=old, executor=FormulaExecutor(formula))
    with pytest.raises(ConfigError, match="copy_from must be another database than storage"):
        explore(study(name="mine"), storage=old, copy_from=old, executor=FormulaExecutor(formula))


def _binaries() -> Path | None:
    """Where PostgreSQL's programs are: Debian keeps them out of the way."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return None if found is None else Path(found).parent


@pytest.fixture
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, and the URL of its database."""
    pytest.importorskip("psycopg2")
    folder = _binaries()
    if folder is None:
        pytest.skip("there is no PostgreSQL server here (initdb)")
    place = Path("/tmp") / f"synaptile-postgresql-{os.getpid()}"
    place.mkdir()
    user: dict[str, object] = {}
    if os.geteuid() == 0:  # it refuses to run as root
        import pwd

        try:
            account = pwd.getpwnam("postgres")
        except KeyError:
            place.rmdir()
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
        os.chown(place, account.pw_uid, account.pw_gid)
        user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def call(program: str, *arguments: str) -> None:
        done = subprocess.run(  # type: ignore[call-overload]
            [folder / program, *arguments], capture_output=True, text=True, check=False, cwd=place, timeout=100, **user
        )
        assert done.returncode == 0, done.stdout + done.stderr

    data = str(place / "data")
    try:
        call("initdb", "-D", data, "-U", "me", "--auth=trust", "--no-sync", "--no-instructions")
        options = f"-p {port} -k {place} -c listen_addresses=127.0.0.1 -c fsync=off"
        call("pg_ctl", "-D", data, "-w", "-l", str(place / "log"), "-o", options, "start")
        try:
            yield f"postgresql://me@127.0.0.1:{port}/postgres"
        finally:
            call("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(place)


def test_postgresql(postgresql: str, study: Studies) -> None:
    part = explore(study(trials=14), storage=postgresql, executor=FormulaExecutor(formula, stop_after=9))
    assert part.interrupted
    assert len(part.finished) >= 6
    first = Database(study(), postgresql)
    with pytest.raises(DatabaseError, match="the study 'study' is being run by another process"):
        Database(study(), postgresql)
    other = Database(study(name="other"), postgresql)
    other.close()
    first.close()
    executor = FormulaExecutor(formula)
    rest = explore(study(), storage=postgresql, executor=executor)
    whole = explore(study(), executor=FormulaExecutor(formula))
    assert [(t.point, t.values, t.same_as) for t in rest.trials] == [
        (t.point, t.values, t.same_as) for t in whole.trials
    ]
    assert len(executor.points) <= sum(t.same_as is None for t in whole.trials) - 6


def test_a_study_moves_to_postgresql_and_back(postgresql: str, study: Studies, tmp_path: Path) -> None:
    file = f"sqlite:///{tmp_path / 'old.db'}"
    _moved(study, file, postgresql)
    back = explore(
        study(constraints=["late_spikes <= 20"]),
        storage=f"sqlite:///{tmp_path / 'back.db'}",
        copy_from=postgresql,
        executor=FormulaExecutor(formula, stop_after=0),
    )
    assert not back.interrupted
    assert len(back.finished) == 30


def test_optuna_moves_a_study_to_postgresql(postgresql: str, study: Studies, tmp_path: Path) -> None:
    file = f"sqlite:///{tmp_path / 'old.db'}"
    there = postgresql.replace("postgresql://", "postgresql+psycopg2://")
    _moved(
        study,
        file,
        postgresql,
        lambda: optuna.copy_study(from_study_name="study", from_storage=file, to_storage=there),
    )
