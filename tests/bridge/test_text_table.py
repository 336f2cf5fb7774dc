import io

import pytest

from synaptile.bridge.text_table import html_table, print_table, text_table

ROWS = [("cycles", "1,000", "cycles"), ("[bold]name[/bold]", "[/x]", "µ[v2]"), ("w" * 150, "×", "")]


@pytest.mark.parametrize("width", [1, 20, 80, 300])
def test_nothing_is_cut_at_any_width(width: int) -> None:
    file = io.StringIO()
    print_table("a title [/x] of many words", ROWS, file, width=width)
    lines = file.getvalue().splitlines()
    assert lines[0].rstrip() == "a title [/x] of many words"
    assert [line.split() for line in lines[1:]] == [
        ["cycles", "1,000", "cycles"],
        ["[bold]name[/bold]", "[/x]", "µ[v2]"],
        ["w" * 150, "×"],
    ]


def test_text_has_neither_styles_nor_blanks_at_the_end() -> None:
    assert text_table("t", ROWS[:1]) == "t\ncycles  1,000  cycles"


def test_html_shows_names_as_they_are() -> None:
    text = html_table("<t>", [("<b>", "&", "[/x]")])
    assert "&lt;t&gt;" in text
    assert "<td" in text
    assert [part in text for part in ("&lt;b&gt;", "&amp;", "[/x]", "<b>&amp;</b>")] == [True] * 4
