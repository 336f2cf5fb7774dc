"""Reference models of the hardware's blocks in plain Python, each called the block's twin, one cycle at a time."""

from collections import deque
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from synaptile.rtl import NetworkParams, Port
from synaptile.rtl.arbitration import starvation_timer
from synaptile.rtl.channel.congestion import onward
from synaptile.rtl.routing import Head, Position, Routing
from synaptile.rtl.topology import LINKS

__all__ = [
    "ArbiterTwin",
    "Flit",
    "LeastRecentTwin",
    "LookaheadTwin",
    "NeighboursTwin",
    "QueueTwin",
    "RouterTwin",
    "StarvationTwin",
    "onward_ways",
    "selection_twin",
]


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
        """Index of the request that is granted; ``None`` if there is none."""
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


class LookaheadTwin:
    """Lookahead arbitration: grants settled when a packet ends; without requests then, a fixed order."""

    def __init__(self, order: Sequence[int]) -> None:
        self.order = order
        self.settled: int | None = None
        self.held = False

    def grant(self, requests: Sequence[bool]) -> int | None:
        """Index of the request that is granted; ``None`` if there is none."""
        if self.settled is not None:
            return self.settled
        return next((i for i in self.order if requests[i]), None)

    def clock(self, requests: Sequence[bool], giving_way: Sequence[bool], ends: bool) -> None:
        """One edge; ``ends``: the packet that is granted does."""
        granted = self.grant(requests)
        self.held = granted is not None and not ends
        if not ends:
            self.settled = granted
            return
        assert granted is not None
        count = len(self.order)
        behind = [(granted + back) % count for back in range(1, count)]
        self.settled = next((i for i in behind if requests[i] and not giving_way[i]), None)


class StarvationTwin:
    """Counts the cycles that a packet has waited."""

    def __init__(self) -> None:
        self.waited = 0

    @property
    def spent(self) -> bool:
        """True if the packet has waited as long as it may."""
        return self.waited == (1 << starvation_timer.BITS) - 2

    def clock(self, waiting: bool, leaving: bool) -> None:
        """One edge."""
        self.waited = 0 if leaving else self.waited + (waiting and not self.spent)


class LeastRecentTwin:
    """Grants the request that was granted longest ago."""

    def __init__(self, count: int) -> None:
        self.order = list(range(count))

    def grant(self, requests: Sequence[bool]) -> int | None:
        """Index of the request that is granted; ``None`` if there is none."""
        return next((candidate for candidate in self.order if requests[candidate]), None)

    def clock(self, requests: Sequence[bool], accept: bool) -> None:
        """One edge."""
        granted = self.grant(requests)
        if accept and granted is not None:
            self.order.remove(granted)
            self.order.append(granted)


class _First:
    """Selection: the lowest port."""

    def choose(self, port: Port, options: Set[Port]) -> Port:
        """The output that the head at an input asks for."""
        return min(options)

    def look(self, port: Port, beyond: Mapping[Port, Set[Port]]) -> None:
        """The head at an input: the ways that it may take in the router behind each output (`onward_ways`)."""

    def clock(self, begun: Mapping[Port, Port], passed: Set[Port], ready: Mapping[Port, bool]) -> None:
        """One edge: the output granted to each input with a new packet; outputs that passed a flit; receivers ready."""


class _RoundRobin(_First):
    def __init__(self) -> None:
        self.turns = {port: ArbiterTwin(len(Port)) for port in Port}

    def choose(self, port: Port, options: Set[Port]) -> Port:
        granted = self.turns[port].grant([out in options for out in Port])
        assert granted is not None
        return Port(granted)

    def clock(self, begun: Mapping[Port, Port], passed: Set[Port], ready: Mapping[Port, bool]) -> None:
        for port, output in begun.items():
            self.turns[port].last = output


class _Random(_First):
    def __init__(self, seed: int) -> None:
        self.state = seed

    def choose(self, port: Port, options: Set[Port]) -> Port:
        return max(options) if self.state >> 3 * port & 1 else min(options)

    def clock(self, begun: Mapping[Port, Port], passed: Set[Port], ready: Mapping[Port, bool]) -> None:
        if begun:
            feedback = (self.state >> 15 ^ self.state >> 14 ^ self.state >> 12 ^ self.state >> 3) & 1
            self.state = (self.state << 1 | feedback) & 0xFFFF


class _BufferLevel(_First):
    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.level = dict.fromkeys(Port, 0)

    def choose(self, port: Port, options: Set[Port]) -> Port:
        return min(options, key=lambda output: (self.level[output], output))

    def clock(self, begun: Mapping[Port, Port], passed: Set[Port], ready: Mapping[Port, bool]) -> None:
        for output in Port:
            if not ready[output]:
                self.level[output] = self.depth
            elif output in passed:
                self.level[output] = max(self.level[output], 1)
            else:
                self.level[output] = max(self.level[output] - 1, 0)


def onward_ways(
    routing: Routing, params: NetworkParams, here: Position, to: Position, came_in: Port
) -> dict[Port, frozenset[Port]]:
    """Outputs permitted to a packet in the router behind each output permitted here, were that router congested."""
    ways = {}
    for output in routing.permitted(here, to, came_in):
        there = params.interconnect.neighbour(*here, output)
        if there is not None:
            ways[output] = routing.relation(Head(there, to, output.opposite, congested=True))
    return ways


class NeighboursTwin(_First):
    """The most free slots behind the outputs that lead on; levels `reported` before an edge are known after it."""

    def __init__(self, params: NetworkParams) -> None:
        self.slots = params.virtual_channels * params.buffer_depth
        self.ways: dict[Port, Mapping[Port, Set[Port]]] = {}
        self.reported = {output: dict.fromkeys(onward(output.opposite), 0) for output in LINKS}
        self.received = self.reported

    def look(self, port: Port, beyond: Mapping[Port, Set[Port]]) -> None:
        self.ways[port] = beyond

    def choose(self, port: Port, options: Set[Port]) -> Port:
        def free(output: Port) -> int:
            ways, received = self.ways[port].get(output, set()), self.received.get(output, {})
            return sum(self.slots - taken for link, taken in received.items() if link in ways)

        return min(options, key=lambda output: (-free(output), output))

    def clock(self, begun: Mapping[Port, Port], passed: Set[Port], ready: Mapping[Port, bool]) -> None:
        self.received = self.reported


def selection_twin(params: NetworkParams) -> _First:
    """The strategy that the parameters name."""
    return {
        "first": _First,
        "round-robin": _RoundRobin,
        "random": lambda: _Random(params.selection_seed),
        "buffer-level": lambda: _BufferLevel(params.buffer_depth),
        "neighbours-on-path": lambda: NeighboursTwin(params),
    }[params.selection]()


@dataclass(frozen=True)
class Flit:
    """A flit in front of a router: of a head, what its packet may take calm and congested, and then (`onward_ways`)."""

    word: int
    last: bool
    calm: frozenset[Port] = frozenset()
    congested: frozenset[Port] = frozenset()
    beyond: Mapping[Port, frozenset[Port]] = field(default_factory=dict)


class RouterTwin:
    """A wormhole router with any routing and selection."""

    def __init__(self, params: NetworkParams, sources: Mapping[Port, Sequence[Port]], *, adaptive: bool) -> None:
        self.queues: dict[Port, deque[Flit]] = {port: deque() for port in Port}
        self.params = params
        self.sources = sources
        self.adaptive = adaptive
        self.least_recent = {port: LeastRecentTwin(len(sources[port])) for port in Port}
        self.lookahead = {port: LookaheadTwin(self._order(sources[port])) for port in Port}
        self.starvation = StarvationTwin()
        self.selection = selection_twin(params)
        self.owner: dict[Port, Port | None] = dict.fromkeys(Port)

    def ready(self, port: Port) -> bool:
        """Return whether an input takes a flit."""
        return len(self.queues[port]) < self.params.buffer_depth

    def _wanted(self, port: Port) -> Port | None:
        """The output that the head at an input asks for."""
        if not self.queues[port] or port in self.owner.values():
            return None
        front = self.queues[port][0]
        if not self.adaptive:
            (output,) = front.calm
            return output
        congested = any(len(queue) > self.params.congestion_threshold for queue in self.queues.values())
        options = {output for output in (front.congested if congested else front.calm) if self.owner[output] is None}
        self.selection.look(port, front.beyond)
        return self.selection.choose(port, options) if options else None

    def _requests(self, output: Port) -> list[bool]:
        return [self._wanted(port) is output for port in self.sources[output]]

    def _order(self, inputs: Sequence[Port]) -> list[int]:
        """Priorities at an output without settled grant, as indices of inputs, the highest first."""
        order = list(reversed(range(len(inputs))))
        if self.params.arbitration == "through-first":
            order.sort(key=lambda i: sum(inputs[i] in sources for sources in self.sources.values()))
        return order

    def _gives_way(self, source: Port) -> bool:
        return self.params.arbitration == "through-first" and source is Port.LOCAL and not self.starvation.spent

    def _chosen(self, output: Port) -> Port | None:
        if self.owner[output] is not None:
            return self.owner[output]
        requests = self._requests(output)
        if self.adaptive:
            granted = self.least_recent[output].grant(requests)
        else:
            granted = self.lookahead[output].grant(requests)
        return None if granted is None else self.sources[output][granted]

    def offered(self, output: Port) -> int | None:
        """The word that an output offers."""
        chosen = self._chosen(output)
        if chosen is None or not self.queues[chosen]:
            return None
        return self.queues[chosen][0].word

    def clock(self, incoming: Mapping[Port, Flit], ready: Mapping[Port, bool]) -> None:
        """One edge: flits offered at the inputs; which outputs' receivers are ready."""
        taken_in = [port for port in incoming if self.ready(port)]
        chosen = {output: self._chosen(output) for output in Port}
        requests = {output: self._requests(output) for output in Port}
        begun = {port: output for output, port in chosen.items() if port is not None and self.owner[output] is None}
        leaving = {
            port
            for output, port in chosen.items()
            if port is not None and ready[output] and self.queues[port] and self.queues[port][0].last
        }
        passed = set()
        waiting = bool(self.queues[Port.LOCAL])
        for output in Port:
            port = chosen[output]
            if self.adaptive and self.owner[output] is None:
                self.least_recent[output].clock(requests[output], accept=True)
            if not self.adaptive:
                self.lookahead[output].clock(
                    [
                        asks or source is port
                        for source, asks in zip(self.sources[output], requests[output], strict=True)
                    ],
                    [self._gives_way(source) for source in self.sources[output]],
                    ends=port in leaving,
                )
            if port is None or not self.queues[port]:
                continue
            self.owner[output] = port
            if ready[output]:
                passed.add(output)
                if self.queues[port].popleft().last:
                    self.owner[output] = None
        starting = any(port is Port.LOCAL and output in passed for output, port in chosen.items())
        self.starvation.clock(waiting, starting)
        self.selection.clock(begun, passed, ready)
        for port in taken_in:
            self.queues[port].append(incoming[port])
