"""Metrics as entries of a table: a function, and the names, units and definitions of the numbers that it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NoReturn, Self, TypeVar, overload

from .run_data import RunData

__all__ = ["Metric", "MetricTable", "Quantity", "Row", "distribution", "number_text"]

T = TypeVar("T")

Row = tuple[str, str, str]
"""Label, value, unit."""


def number_text(value: float | None) -> str:
    """A number as people read it; – if it is undefined."""
    if value is None:
        return "–"
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4g}"


@dataclass(frozen=True)
class Quantity:
    """One number of a metric.

    Attributes
    ----------
    key
        Its name in ``metrics.json``.
    value
        Takes it, as JSON types, out of what the metric's function returns; None is undefined.
    label
        Its label in the table that people read; None if it is not in it.
    unit, definition
        As those of `Metric`, where they differ from the metric's.
    text
        Its text in that table, if that is not the number alone.
    headline
        True for the few numbers that stand large at the top of a report.
    """

    key: str
    value: Callable[[Any], Any]
    label: str | None = None
    unit: str | None = None
    definition: str | None = None
    text: Callable[[Any], str] | None = None
    headline: bool = False


def distribution(
    key: str,
    *,
    part: Callable[[Any], Any] = lambda value: value,
    headlines: Sequence[str] = (),
    definition: str | None = None,
    **labels: str | None,
) -> list[Quantity]:
    """Quantities ``{key}_{statistic}`` of a `Distribution`: one for each statistic (mean, p99, ...) that has a label.

    A label of None keeps a statistic out of the table that people read. ``part`` takes the `Distribution` out of what
    the metric's function returns; ``headlines`` names those statistics that are headlines.
    """

    def of(statistic: str) -> Callable[[Any], Any]:
        return lambda value: getattr(part(value), statistic)

    return [
        Quantity(f"{key}_{statistic}", of(statistic), label, None, definition, headline=statistic in headlines)
        for statistic, label in labels.items()
    ]


@dataclass(frozen=True)
class Metric(Generic[T]):
    """An entry of a `MetricTable`: everything that there is to say about a metric.

    Read from the table's class, it is this entry; from an object, what the function returned for that run.

    Attributes
    ----------
    compute
        The function.
    unit
        Unit of its numbers; "" if they have none.
    definition
        What they are, for ``docs/metrics.md``; Markdown.
    quantities
        The numbers; if there are none, it is what the function returns, under the metric's own name.
    label
        Label of that one number in the table that people read.
    rows
        The metric's lines in that table, where those of its quantities do not do.
    rows_after
        Name of the metric after which they stand, if that is not the one before.
    glossary
        Term and meaning, in a sentence or two, for the reader of a report.
    """

    compute: Callable[[RunData], T]
    unit: str
    definition: str
    quantities: Sequence[Quantity] = ()
    label: str | None = None
    rows: Callable[[T], list[Row]] | None = None
    rows_after: str | None = None
    glossary: tuple[str, str] | None = None
    name: str = field(default="", init=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)
        if not self.quantities:
            object.__setattr__(self, "quantities", (Quantity(name, lambda value: value, self.label),))

    @overload
    def __get__(self, instance: None, owner: type) -> Metric[T]: ...
    @overload
    def __get__(self, instance: MetricTable, owner: type) -> T: ...
    def __get__(self, instance: MetricTable | None, owner: type) -> Metric[T] | T:
        if instance is None:
            return self
        value: T = instance.computed[self.name]
        return value

    def __set__(self, instance: MetricTable, value: object) -> NoReturn:
        raise AttributeError(f"{self.name} was computed from the run and cannot be set")

    def lines(self, value: T, *, headlines: bool = False) -> list[Row]:
        """The metric's lines in the table that people read, or only the headlines among them."""
        if self.rows is not None and not headlines:
            return self.rows(value)
        return [
            (
                quantity.label,
                number_text(quantity.value(value)) if quantity.text is None else quantity.text(value),
                self.unit if quantity.unit is None else quantity.unit,
            )
            for quantity in self.quantities
            if quantity.label is not None and (quantity.headline or not headlines)
        ]


class _Computed(Mapping[str, Any]):
    """What metrics' functions return for a run, by the metrics' names; each is called when it is first asked for.

    Some sort all packets, which takes as long as the simulation of a small chip, and who maps or explores asks for few.
    """

    def __init__(self, run: RunData, entries: Mapping[str, Metric[Any]]) -> None:
        self._run: RunData | None = run
        self._entries = entries
        self._found: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        run = self._run  # before looking, for another thread may let go of it
        if name not in self._found and run is not None:
            self._found[name] = self._entries[name].compute(run)
            if len(self._found) == len(self._entries):
                self._run = None
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __reduce__(self) -> Any:
        return dict, (dict(self),)  # the functions do not travel to other processes


@dataclass(frozen=True)
class MetricTable:
    """Metrics of one run. A subclass is a table of metrics: each of its attributes that is a `Metric` is an entry.

    Attributes
    ----------
    computed
        What each metric's function returned, by the metric's name.
    """

    computed: Mapping[str, Any]

    @classmethod
    def of(cls, run: RunData) -> Self:
        """Return the metrics of a run, each of which is computed when it is first looked at."""
        return cls(_Computed(run, cls.entries()))

    @classmethod
    def entries(cls) -> dict[str, Metric[Any]]:
        """The metrics by name, in order."""
        found: dict[str, Metric[Any]] = {}
        for owner in reversed(cls.__mro__):
            found |= {name: value for name, value in vars(owner).items() if isinstance(value, Metric)}
        return found

    @classmethod
    def glossary(cls) -> list[tuple[str, str]]:
        """Terms and their meanings, for the reader of a report."""
        return [metric.glossary for metric in cls.entries().values() if metric.glossary is not None]

    def to_dict(self) -> dict[str, Any]:
        """JSON types; what is undefined is None, never NaN."""
        return {
            quantity.key: quantity.value(self.computed[name])
            for name, metric in self.entries().items()
            for quantity in metric.quantities
        }

    def number(self, key: str) -> Any:
        """Return one entry of `to_dict`, for which its metric alone is computed; ``KeyError`` if there is none."""
        for name, metric in self.entries().items():
            for quantity in metric.quantities:
                if quantity.key == key:
                    return quantity.value(self.computed[name])
        raise KeyError(key)

    def rows(self) -> list[Row]:
        """The table that people read: label, value, unit."""
        return [row for metric in self._in_reading_order() for row in metric.lines(self.computed[metric.name])]

    def headlines(self) -> list[Row]:
        """Rows of the numbers that stand large at the top of a report."""
        return [
            row
            for metric in self._in_reading_order()
            for row in metric.lines(self.computed[metric.name], headlines=True)
        ]

    def _in_reading_order(self) -> list[Metric[Any]]:
        entries = self.entries()
        order = [metric for metric in entries.values() if metric.rows_after is None]
        for metric in entries.values():
            if metric.rows_after is not None:
                order.insert(order.index(entries[metric.rows_after]) + 1, metric)
        return order
