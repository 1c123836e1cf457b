"""A customer who is erased: name and address stand in no table, file or log; figures and replay are as before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.line import Line
from tests.e2e.product import Api, Browser, Product, a_mail, fields_of, until

NAME = "Wilhelmina Zaunkönig"
WORDS = ("zaunkönig", "zaunkonig", "wilhelmina")
DATABASE = "postgres"
"""The embedded server's own folder: pages of its heap that it has not used again, and its write-ahead log, are the
database's (`VACUUM FULL` and the recycling of the log clear them), and are not looked through.
"""


class Wilhelmina(Line):
    """The main line, by somebody whose name is easily found."""

    def __init__(self, product: Product) -> None:
        super().__init__(product, "reply", lambda: None)
        self.address = f"wilhelmina.zaunkonig-{self.tag}@people.example"
        self.name = NAME


@pytest.fixture
def product() -> Iterator[Product]:
    """One of its own: its log is looked through."""
    running = Product()
    try:
        running.wait_ready()
        yield running
    finally:
        running.close()


def test_an_erased_customer_stands_nowhere(product: Product) -> None:
    Line(product, "reply", lambda: None).run()
    line = Wilhelmina(product)
    line.run()
    _uses_the_portal(product, line)
    _writes_what_nobody_knows(product, line)
    ruth = Api(product, "ruth")
    customer = ruth.get(f"/cases/{line.case}")["customer"]
    before = _figures(ruth)
    assert _found(product.inside("dump")), "the search for the name finds it while it is there"

    ruth.post(f"/customers/{customer}/erase", {})
    until(lambda: not _found(product.inside("dump")), f"no table holds the name: {_found(product.inside('dump'))}", 40)

    assert _in_files(product.home) == []
    assert [line for line in product.said if any(word in line.lower() for word in WORDS)] == []
    assert _figures(ruth) == before
    assert product.inside("compare") == []
    assert ruth.get(f"/customers/{customer}")["erased"] is True


def _uses_the_portal(product: Product, line: Wilhelmina) -> None:
    """By a mailed code, with a message."""
    browser = Browser(product)
    page = browser.get("/portal/enter/")
    browser.send(page, "", address=line.address)
    code = until(lambda: [m for m in line.letters() if "code" in str(m["Subject"])], "the code is mailed")[0]
    digits = str(code["Subject"]).rpartition(" ")[2]
    browser.send(browser.get("/portal/code/"), "", code=digits)
    page = browser.get(f"/portal/matters/{line.case}/")
    action = f"/portal/matters/{line.case}/write/"
    assert "command_id" in fields_of(page, action)
    browser.send(page, action, text=f"Greetings, {NAME}")


def _writes_what_nobody_knows(product: Product, line: Wilhelmina) -> None:
    """A mail that becomes a case from nothing."""
    subject = f"Quite another thing {line.tag}"
    product.mail(a_mail(f"{NAME} <{line.address}>", subject, f"Yours, {NAME}", b"%PDF-1.4 " + NAME.encode()))
    agent = Api(product, "amy")
    wanted = f"/search?q=quite%20{line.tag}"
    until(lambda: [hit for hit in agent.get(wanted) if hit["kind"] == "case"], "it is a case")


def _figures(who: Api) -> object:
    """All figures, but for the two ends of the period, which move on."""
    told = who.get("/figures?span=year")
    return {name: value for name, value in told.items() if name not in ("since", "until")}


def _found(dump: dict[str, list[str]]) -> list[str]:
    """Tables that hold the name or the address, as text or as bytes."""
    return sorted(
        table
        for table, rows in dump.items()
        if any(word in row.lower() or word.encode().decode("latin-1") in row.lower() for row in rows for word in WORDS)
    )


def _in_files(home: Path) -> list[str]:
    files = [path for path in home.rglob("*") if path.is_file() and DATABASE not in path.relative_to(home).parts]
    needles = [word.encode() for word in WORDS]
    return [str(path) for path in files if any(needle in path.read_bytes().lower() for needle in needles)]
