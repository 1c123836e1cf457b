"""Of several nodes one learns; when it ends, another goes on."""

import pytest

from caseloom.learning.service import Turn

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_learns_and_the_next_takes_over() -> None:
    first, second = Turn(), Turn()
    assert first.is_ours()
    assert not second.is_ours()
    assert first.is_ours()
    first.over()
    assert second.is_ours()
    assert not first.is_ours()
    second.over()
