"""The trials of a study in a database that Optuna, and its dashboard, can read.

One process runs a study at a time; the lock that says so is gone when the process is, however it ends. A trial is
written when it is chosen, with its point, and again when it is over, so that one that has ended is never lost.
"""

from __future__ import annotations

import contextlib
import json
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, show
from .optuna_extra import distributions, library, optuna
from .samplers.proposals import Proposal
from .trial import Outcome, State, Trial

if TYPE_CHECKING:
    from .study import Study

__all__ = ["Database", "DatabaseError"]

_IDENTITY, _TRIAL, _CONSTRAINTS = "synaptile:study", "synaptile:trial", "constraints"


class DatabaseError(RuntimeError):
    """The database cannot be reached, or another process runs the study; the message is one line."""


class Database:
    """A study's trials in a database.

    Parameters
    ----------
    study
        The study.
    url
        ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/DATABASE``; None keeps them in memory.
    create
        Whether the study is put there if it is not.

    Raises
    ------
    ConfigError
        If the URL is of no such database, or the study in there is another one.
    DatabaseError
        If it cannot be reached, another process runs this study now, or the study is not there and may not be created.
    ModuleNotFoundError
        If Optuna, or what PostgreSQL needs, is not installed.
    """

    def __init__(self, study: Study, url: str | None, *, create: bool = True) -> None:
        kind = "" if url is None else url.partition(":")[0].partition("+")[0]
        if url is not None and not (kind == "postgresql" or url.startswith("sqlite:///")):
            raise ConfigError(f"storage must be sqlite:///FILE or postgresql://..., not {show(_public(url))}")
        self.url, self._study = "memory" if url is None else _public(url), study
        self._ids: list[int] = []
        self._create = create
        if kind == "sqlite" and not create and not _sqlite_file(str(url)).is_file():
            raise DatabaseError(f"the database {self.url} cannot be used: No such file or directory")
        storages = optuna().storages
        if url is not None and url.startswith("postgresql://"):  # which driver that means depends on versions
            url = url.replace("postgresql://", "postgresql+psycopg2://", 1)
        if kind == "postgresql":
            library("psycopg2", "explore")
        self._spaces = distributions(study)
        self._lock = contextlib.ExitStack()
        with self._reaching(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if url is not None:
                self._lock.enter_context(_locked(url, study.name))
            try:
                self._storage = storages.InMemoryStorage() if url is None else storages.RDBStorage(url)
                if kind == "sqlite":
                    _write_ahead(self._storage.engine)
                self._id = self._opened()
            except BaseException:
                self._lock.close()
                raise

    def close(self) -> None:
        """Let another process run the study."""
        self._lock.close()
        self._storage.remove_session()

    def _opened(self) -> int:
        """Return the number of the study in the database, which is made if it is not there."""
        library_, study = optuna(), self._study
        directions = [
            library_.study.StudyDirection.MINIMIZE if one.best == "min" else library_.study.StudyDirection.MAXIMIZE
            for one in study.wanted
        ]
        identity = study.identity()
        try:
            number = int(self._storage.get_study_id_from_name(study.name))
        except KeyError:
            if not self._create:
                raise DatabaseError(f"there is no study {study.name!r} in the database {self.url}") from None
            number = int(self._storage.create_new_study(directions, study.name))
            self._storage.set_study_system_attr(number, "study:metric_names", [one.name for one in study.wanted])
            self._storage.set_study_user_attr(number, _IDENTITY, identity)
            return number
        known = self._storage.get_study_user_attrs(number).get(_IDENTITY)
        if known is None:
            if self._storage.get_all_trials(number, deepcopy=False):
                raise ConfigError(f"storage: {study.name!r} in {self.url} is no study of synaptile")
            # It was interrupted before anything was written.
            self._storage.set_study_user_attr(number, _IDENTITY, identity)
        elif known != identity:
            keys = sorted(key for key in {*known, *identity} if known.get(key) != identity.get(key))
            raise ConfigError(
                f"storage: the study {study.name!r} in {self.url} was begun with another {', '.join(keys)}; give this "
                f"one another folder or name"
            )
        return number

    def trials(self) -> list[Trial]:
        """Return all trials by number."""
        with self._reaching():
            found = self._storage.get_all_trials(self._id, deepcopy=False)
        self._ids = [trial._trial_id for trial in found]
        return [_read(trial) for trial in found]

    def add(self, number: int, proposal: Proposal) -> Trial:
        """Write a trial that is to be run; ``number`` is that of the next one."""
        assert number == len(self._ids)
        template = optuna().trial.create_trial(
            state=optuna().trial.TrialState.WAITING,
            params=dict(proposal.point),
            distributions=self._spaces,
            system_attrs=dict(proposal.notes),
        )
        with self._reaching():
            self._ids.append(int(self._storage.create_new_trial(self._id, template_trial=template)))
        return Trial(number, proposal.point, notes=proposal.notes)

    def copy(self, others: Sequence[Trial]) -> int:
        """Write the trials of the same study in another database that are not here yet, or not over here.

        As points depend on the study and their number only, those that are here are the same. Returns the number of
        trials that are over and were not.
        """
        own, copied = self.trials(), 0
        for trial in others:
            known = own[trial.number] if trial.number < len(own) else None
            if known is None:
                known = self.add(trial.number, Proposal(trial.point, trial.notes))
            if trial.outcome is not None and known.outcome is None:
                self.finish(trial)
                copied += 1
        return copied

    def begin(self, trial: Trial) -> None:
        """Note that a trial is run now."""
        with self._reaching():
            self._storage.set_trial_state_values(self._ids[trial.number], optuna().trial.TrialState.RUNNING)

    def finish(self, trial: Trial) -> None:
        """Write what came of a trial."""
        states = optuna().trial.TrialState
        outcome = trial.outcome
        assert outcome is not None
        row = self._ids[trial.number]
        values = {
            "state": outcome.state.value,
            "numbers": dict(outcome.numbers),
            "error": outcome.error,
            "simulated": outcome.simulated,
            "seconds": outcome.seconds,
            "repeatable": outcome.repeatable,
            "values": dict(trial.values),
            "violations": dict(trial.violations),
            "same_as": trial.same_as,
        }
        with self._reaching():
            self._storage.set_trial_user_attr(row, _TRIAL, json.dumps(values))
            if outcome.error:
                self._storage.set_trial_user_attr(row, "error", outcome.error)
            if outcome.state is State.DONE:
                limits = [value if value < 1e300 else 1e300 for value in trial.violations.values()]
                self._storage.set_trial_system_attr(row, _CONSTRAINTS, limits)
                wanted = [trial.values[one.name] for one in self._study.wanted]
                self._storage.set_trial_state_values(row, states.COMPLETE, wanted)
            else:
                self._storage.set_trial_state_values(row, states.FAIL)

    @contextlib.contextmanager
    def _reaching(self) -> Iterator[None]:
        """Turn what a database raises into a `DatabaseError`."""
        errors = (optuna().exceptions.StorageInternalError, library("sqlalchemy", "explore").exc.SQLAlchemyError)
        try:
            yield
        except errors as error:
            cause = error.__cause__ or error
            text = [*str(getattr(cause, "orig", None) or cause).strip().splitlines(), repr(cause)]
            raise DatabaseError(f"the database {self.url} cannot be used: {text[0]}") from None


def _write_ahead(engine: Any) -> None:
    """Let SQLite append what is written, without waiting for the disk: a process that dies loses nothing."""
    event = library("sqlalchemy", "explore").event

    def prepare(connection: Any, _: Any) -> None:
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=normal")

    event.listen(engine, "connect", prepare)
    engine.dispose()


def _read(found: Any) -> Trial:
    notes = {key: value for key, value in found.system_attrs.items() if key != _CONSTRAINTS}
    trial = Trial(found.number, dict(found.params), notes=notes)
    if not found.state.is_finished():
        return trial
    values = json.loads(found.user_attrs[_TRIAL])
    outcome = Outcome(
        State(values["state"]),
        values["numbers"],
        values["error"],
        values["simulated"],
        values["seconds"],
        values["repeatable"],
    )
    return trial.with_(
        outcome=outcome, values=values["values"], violations=values["violations"], same_as=values["same_as"]
    )


def _sqlite_file(url: str) -> Path:
    return Path(url.split("///", 1)[1].partition("?")[0])


def _public(url: str) -> str:
    """Return a URL without its password."""
    start, at, place = url.rpartition("@")
    if not at:
        return url
    scheme, slashes, who = start.partition("://")
    return f"{scheme}{slashes}{who.partition(':')[0]}@{place}"


@contextlib.contextmanager
def _locked(url: str, name: str) -> Iterator[None]:
    """Keep other processes from running the study; raises `DatabaseError` if one does."""
    busy = DatabaseError(f"the study {name!r} is being run by another process")
    if url.startswith("sqlite"):
        path = _sqlite_file(url)
        with contextlib.ExitStack() as stack:
            try:
                import fcntl
            except ModuleNotFoundError:  # Windows
                yield
                return
            try:
                file = stack.enter_context(path.with_name(path.name + ".lock").open("wb"))
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise busy from None
            except OSError as error:
                raise DatabaseError(f"the database {url} cannot be used: {error.strerror}") from None
            yield
            return
    sqlalchemy = library("sqlalchemy", "explore")
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    with engine.connect() as connection:
        found = connection.execute(
            sqlalchemy.text("select pg_try_advisory_lock(hashtext(:name))"), {"name": f"synaptile:{name}"}
        ).scalar()
        connection.commit()
        if not found:
            raise busy
        yield
