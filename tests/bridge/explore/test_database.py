"""Studies in databases: which can be used, what is said of those that cannot, and PostgreSQL."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.study_executor import FormulaExecutor, formula

from synaptile.bridge.errors import ConfigError
from synaptile.bridge.explore import Study, explore
from synaptile.bridge.explore.database import Database, DatabaseError

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
