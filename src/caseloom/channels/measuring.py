"""How fast mail becomes cases: sample mails, clients that send them by SMTP, and the time until all stand on the
desk.
"""

import smtplib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from itertools import islice
from time import monotonic, sleep
from typing import Final

import msgspec

SIZE: Final = 2_500
_SENTENCE: Final = "The card that you sent me last week is refused at every counter, and nobody could tell me why. "


class IntakeFigures(msgspec.Struct, frozen=True):
    """`accepted_seconds` until the last 250, `desk_seconds` until the last case stood on the desk."""

    mails: int
    accepted_seconds: float
    desk_seconds: float

    @property
    def per_second(self) -> float:
        """Mails a second, from the first connection until all cases stand on the desk."""
        return self.mails / self.desk_seconds


def sample_mails(recipient: str, senders: int = 500) -> Iterator[bytes]:
    """Mails of about 2.5 kB without end: a quarter with HTML, a tenth with an attachment, from so many senders in
    turn.
    """
    number = 0
    while True:
        number += 1
        yield _sample(number, number % senders, recipient)


def _sample(number: int, sender: int, recipient: str) -> bytes:
    message = EmailMessage()
    message["From"] = f"Customer {sender} <customer{sender}@example.org>"
    message["To"], message["Subject"] = recipient, f"My card is refused, question {number}"
    message["Message-ID"] = f"<measure-{number}@example.org>"
    text = f"Hello,\n\n{_SENTENCE * (SIZE // len(_SENTENCE) // (2 if number % 4 == 0 else 1))}\n\nCustomer {sender}\n"
    message.set_content(text)
    if number % 4 == 0:
        message.add_alternative(f"<html><body><p>{text}</p></body></html>", subtype="html")
    if number % 10 == 0:
        message.add_attachment(b"%PDF-" + bytes(1_000), maintype="application", subtype="pdf", filename="bill.pdf")
    return message.as_bytes()


def measure_intake(
    host: str,
    port: int,
    recipient: str,
    on_desk: Callable[[], int],
    count: int = 1_000,
    clients: int = 8,
    patience: float = 120.0,
    first: int = 0,
) -> IntakeFigures:
    """Send `count` sample mails (after the `first` ones) over `clients` connections and wait until `on_desk` has grown
    by as many.

    Raises:
        TimeoutError: they did not all become cases in `patience` seconds.
    """
    mails = list(islice(sample_mails(recipient), first, first + count))
    before, began = on_desk(), monotonic()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda first: _send(host, port, recipient, mails[first::clients]), range(clients)))
    accepted = monotonic() - began
    while on_desk() - before < count:
        if monotonic() - began > patience:
            raise TimeoutError(f"Only {on_desk() - before} of {count} mails became cases in {patience:.0f} s.")
        sleep(0.01)
    return IntakeFigures(count, accepted, monotonic() - began)


def _send(host: str, port: int, recipient: str, mails: list[bytes]) -> None:
    with smtplib.SMTP(host, port, timeout=60) as client:
        for mail in mails:
            client.sendmail("customer@example.org", [recipient], mail)
