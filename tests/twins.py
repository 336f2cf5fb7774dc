"""Plain-Python twins of the hardware's blocks, one cycle at a time."""

from collections import deque
from collections.abc import Mapping, Sequence

from synaptile.rtl import Port

__all__ = ["ArbiterTwin", "QueueTwin", "RouterTwin"]


class QueueTwin:
    """A bounded queue; what is written in one cycle can be read in the next."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.items: deque[int] = deque()

    @property
    def ready(self) -> bool:
        return len(self.items) < self.depth

    @property
    def valid(self) -> bool:
        return bool(self.items)

    @property
    def front(self) -> int:
        return self.items[0]

    def clock(self, item: int | None, reading: bool) -> None:
        """One edge: ``item`` is offered (or not), the front is asked for (or not)."""
        writes = item is not None and self.ready
        if reading and self.valid:
            self.items.popleft()
        if writes:
            assert item is not None
            self.items.append(item)


class ArbiterTwin:
    """Round robin: the search begins behind the last one granted."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.last = count - 1

    def grant(self, requests: Sequence[bool]) -> int | None:
        """Who is granted."""
        for offset in range(1, self.count + 1):
            candidate = (self.last + offset) % self.count
            if requests[candidate]:
                return candidate
        return None

    def clock(self, requests: Sequence[bool], accept: bool) -> None:
        """One edge."""
        granted = self.grant(requests)
        if accept and granted is not None:
            self.last = granted


class RouterTwin:
    """A wormhole router; flits are any objects with ``route`` (a `Port`, of heads), ``last`` and ``word``."""

    def __init__(self, depth: int, sources: Mapping[Port, Sequence[Port]]) -> None:
        self.queues: dict[Port, deque[tuple[Port, bool, int]]] = {port: deque() for port in Port}
        self.depth = depth
        self.sources = sources
        self.arbiters = {port: ArbiterTwin(len(sources[port])) for port in Port}
        self.owner: dict[Port, Port | None] = dict.fromkeys(Port)

    def ready(self, port: Port) -> bool:
        """Whether an input takes a flit."""
        return len(self.queues[port]) < self.depth

    def _requests(self, output: Port) -> list[bool]:
        owned = set(self.owner.values())
        return [
            bool(self.queues[port]) and self.queues[port][0][0] is output and port not in owned
            for port in self.sources[output]
        ]

    def _chosen(self, output: Port) -> Port | None:
        if self.owner[output] is not None:
            return self.owner[output]
        granted = self.arbiters[output].grant(self._requests(output))
        return None if granted is None else self.sources[output][granted]

    def offered(self, output: Port) -> int | None:
        """The word that an output offers."""
        chosen = self._chosen(output)
        if chosen is None or not self.queues[chosen]:
            return None
        return self.queues[chosen][0][2]

    def clock(self, incoming: Mapping[Port, tuple[Port, bool, int]], ready: Mapping[Port, bool]) -> None:
        """One edge: flits (route, last, word) offered at the inputs; which outputs' receivers are ready."""
        taken_in = [port for port in incoming if self.ready(port)]
        chosen = {output: self._chosen(output) for output in Port}
        requests = {output: self._requests(output) for output in Port}
        for output in Port:
            port = chosen[output]
            if self.owner[output] is None:
                self.arbiters[output].clock(requests[output], accept=True)
            if port is None or not self.queues[port]:
                continue
            self.owner[output] = port
            if ready[output]:
                _, last, _ = self.queues[port].popleft()
                if last:
                    self.owner[output] = None
        for port in taken_in:
            self.queues[port].append(incoming[port])
