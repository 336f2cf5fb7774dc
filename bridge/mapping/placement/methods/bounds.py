"""The compiled loop of branch and bound."""

from __future__ import annotations

from typing import Any

from ...jit import compiled

__all__ = ["bounded"]


@compiled
def bounded(weight: Any, between: Any, ahead: Any, roots: Any, state: Any, steps: int) -> bool:
    """Go on for so many steps from where it stands; tell whether anything is left to do.

    ``weight`` has shape (count, count): packets between the clusters in the order in which they are placed, both ways;
    ``between`` shape (tiles, tiles); ``ahead[i, d, t]`` is the least that cluster i on tile t pays to all from the d-th
    on. ``state`` is as in `exact`, and is changed.
    """
    tile, pays, cost, choice, taken, now, best = state
    count, tiles = len(weight), len(between)
    depth = now[0]
    for _ in range(steps):
        if depth < 0:
            now[0] = depth
            return False
        if tile[depth] >= 0:
            taken[tile[depth]] = False
            tile[depth] = -1
        choice[depth] += 1
        options = len(roots) if depth == 0 else tiles
        if choice[depth] >= options:
            choice[depth] = -1
            depth -= 1
            continue
        spot = roots[choice[depth]] if depth == 0 else choice[depth]
        if taken[spot]:
            continue
        total = cost[depth] + pays[depth, depth, spot]
        if total >= now[1]:
            continue
        tile[depth] = spot
        taken[spot] = True
        if depth == count - 1:
            now[1] = total
            best[:] = tile
            continue
        cost[depth + 1] = total
        rest = 0
        for later in range(depth + 1, count):
            least = -1
            for t in range(tiles):
                pays[depth + 1, later, t] = pays[depth, later, t] + weight[depth, later] * between[spot, t]
                if not taken[t]:
                    bound = 2 * pays[depth + 1, later, t] + ahead[later, depth + 1, t]
                    if least < 0 or bound < least:
                        least = bound
            rest += least
        # Each packet among those to come is counted at both of its ends, those to the ones placed twice.
        if 2 * total + rest >= 2 * now[1]:
            continue
        depth += 1
        choice[depth] = -1
    now[0] = depth
    return True
