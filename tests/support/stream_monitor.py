"""The rules of a stream, watched from outside."""

__all__ = ["StreamMonitor"]


class StreamMonitor:
    """Checks one stream, cycle by cycle, and keeps the items that pass.

    A stream's rules: once ``valid`` it stays so until the item has passed, and the payload stays the same.
    ``passed`` lists (cycle, payload). Raises ``AssertionError`` naming the stream, the cycle and the broken rule.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.passed: list[tuple[int, int]] = []
        self._held: int | None = None

    def observe(self, cycle: int, valid: int, ready: int, payload: int) -> bool:
        """Check one cycle's settled values; return whether an item passes at its end."""
        if self._held is not None:
            assert valid, f"{self.name}: valid retracted in cycle {cycle} before {self._held:#x} had passed"
            assert payload == self._held, (
                f"{self.name}: payload changed from {self._held:#x} to {payload:#x} in cycle {cycle} while held"
            )
        passes = bool(valid and ready)
        self._held = payload if valid and not ready else None
        if passes:
            self.passed.append((cycle, payload))
        return passes
