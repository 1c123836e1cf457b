"""kill -9 of web or worker, or an immediate stop of the database, at any point of the main line: every step happens
once, no mail is lost, none doubled but one whose acceptance nobody can know.
"""

from typing import get_args

import pytest

from tests.e2e.line import POINTS, Line, Point
from tests.e2e.product import Product, Victim

IN_CI: tuple[tuple[Point, Victim], ...] = (
    ("mail accepted", "database"),
    ("command answered", "web"),
    ("letter out", "worker"),
)


@pytest.mark.parametrize(
    ("point", "victim"),
    [
        pytest.param(point, victim, marks=() if (point, victim) in IN_CI else pytest.mark.nightly)
        for point in POINTS
        for victim in get_args(Victim)
    ],
)
def test_a_kill_at_any_point_loses_and_doubles_nothing(product: Product, point: Point, victim: Victim) -> None:
    line = Line(product, point, lambda: product.kill(victim))
    line.run()
    line.happened_once()
    assert product.inside("compare") == []
