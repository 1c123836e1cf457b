import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.foundation.text import TextFault, find_fault, mended, mended_line


@pytest.mark.parametrize("bad", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\x9f", "\ud800", "\udfff", "\ufffe", "\uffff"])
def test_a_forbidden_character_is_found_with_its_place(bad: str) -> None:
    assert find_fault(f"ab{bad}c") == TextFault(2, ord(bad))
    assert f"U+{ord(bad):04X} at position 3" in TextFault(2, ord(bad)).reason


@pytest.mark.parametrize("good", ["", "Grüße, 日本語 🙂", "tab\tand\nline\r\nend", "\u200b\u202e"])
def test_sound_text_passes(good: str) -> None:
    assert find_fault(good) is None


@pytest.mark.parametrize("bad", ["a\nb", "a\rb", "a\tb", "a\u2028b"])
def test_one_line_holds_no_line_end(bad: str) -> None:
    assert find_fault(bad, one_line=True) == TextFault(1, ord(bad[1]))


@given(text=st.text(st.characters(exclude_categories=())))
def test_mended_text_is_always_sound(text: str) -> None:
    assert find_fault(mended(text)) is None
    assert find_fault(mended_line(text), one_line=True) is None
    assert mended(mended(text)) == mended(text)
    mended(text).encode("utf-8")


def test_mending_keeps_lines_and_shows_what_was_lost() -> None:
    assert mended("a\r\nb\rc\0") == "a\nb\nc\ufffd"
    assert mended_line("  a\r\n\t b ") == "a b"
