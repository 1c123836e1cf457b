"""One running product for the tests of a worker."""

import sys
from collections.abc import Iterator

import pytest

from tests.e2e.product import Product


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """`caseloom up`, with staff and a service goal."""
    if sys.platform != "linux":
        pytest.skip("processes are found by /proc")
    running = Product()
    try:
        running.wait_ready()
        yield running
    finally:
        running.close()
