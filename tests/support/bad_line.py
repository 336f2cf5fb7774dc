"""A serial line that damages what passes it."""

import random

__all__ = ["BadLine"]


class BadLine:
    """Flips bits of bytes, drops, doubles and replaces bytes with a probability, and cuts pieces with a smaller one."""

    def __init__(self, chance: random.Random, faults: float) -> None:
        self._chance = chance
        self.faults = faults
        self.done = 0

    def __call__(self, data: bytes) -> bytes:
        """What comes out of the line."""
        chance, faults = self._chance, self.faults
        if not faults or not data:
            return data
        out = bytearray()
        place = 0
        # The next fault is so many bytes ahead.
        while (ahead := int(chance.expovariate(faults))) < len(data) - place:
            out += data[place : place + ahead]
            byte = data[place + ahead]
            place += ahead + 1
            self.done += 1
            how = chance.randrange(5)
            if how == 0:
                out.append(byte ^ 1 << chance.randrange(8))
            elif how == 1:
                out += bytes([byte, byte])
            elif how == 2:
                out.append(chance.randrange(256))
            elif how == 3:
                place += chance.randrange(40)
        return bytes(out + data[place:])
