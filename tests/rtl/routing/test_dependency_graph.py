import pytest

from synaptile.rtl import Port
from synaptile.rtl.routing.dependency_graph import Channel, channel_text, cycle_in


def graph(text: str) -> dict[Channel, set[Channel]]:
    """``"ab bc"``: channel a waits for b, and b for c."""
    found: dict[Channel, set[Channel]] = {}
    for held, waited in text.split():
        found.setdefault(channel(held), set()).add(channel(waited))
        found.setdefault(channel(waited), set())
    return found


def channel(letter: str) -> Channel:
    return (0, ord(letter) - ord("a")), Port.EAST, 0


@pytest.mark.parametrize("text", ["", "ab bc cd", "ab ac bd cd", "ba cb dc da"])
def test_a_graph_without_a_cycle_has_none(text: str) -> None:
    assert cycle_in(graph(text)) == []


@pytest.mark.parametrize(
    ("text", "cycle"), [("aa", "a"), ("ab ba", "ab"), ("ab bc cb", "bc"), ("ab ac ce ed dc", "ced"), ("cd da ae", "")]
)
def test_a_cycle_is_found_whatever_leads_to_it(text: str, cycle: str) -> None:
    assert cycle_in(graph(text)) == [channel(letter) for letter in cycle]


def test_a_channel_is_named_by_router_port_and_class() -> None:
    assert channel_text(((1, 2), Port.WEST, 1), with_class=False) == "(1, 2) WEST"
    assert channel_text(((1, 2), Port.WEST, 1), with_class=True) == "(1, 2) WEST class 1"
