"""Joins the rooms: their stream kinds to the door, their performers to the effects (DESIGN §3)."""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from procrastinate.contrib.django import app

from caseloom.cases import subcases
from caseloom.cases.kind import CASES
from caseloom.cases.mirroring import ASK, TELL, AskingOwner, TellingMirrors
from caseloom.cases.throwing import Throwing
from caseloom.channels.contact import CONTACTS
from caseloom.channels.forgetting import EndingRelation, Forgetting
from caseloom.channels.inbox import Inbox
from caseloom.channels.intake import Intake
from caseloom.channels.links import make_link_token
from caseloom.channels.mail.addresses import Address
from caseloom.channels.mail.outgoing import OutgoingMail, build_mail
from caseloom.channels.mail.transport import MailTransport
from caseloom.channels.sending import House, Sender
from caseloom.channels.sorter import PlainSorter
from caseloom.config.mail import smtp_server
from caseloom.customers.customer import CUSTOMERS
from caseloom.foundation.blobs import Blobs
from caseloom.foundation.clock import now
from caseloom.library.definition import DEFINITIONS
from caseloom.sdk.access import program
from caseloom.streams import effects, store
from caseloom.streams.codec import Keyring
from caseloom.streams.door import install, the_door
from caseloom.streams.effects import Effects, Performer
from caseloom.streams.handle import Door
from caseloom.streams.ids import Ids
from caseloom.streams.notify import the_notifier
from caseloom.streams.replay import rebuild
from caseloom.web.handed import Handed, hand


def join() -> Door:
    """Make the door and put it in force."""
    door = Door(
        (CASES, CONTACTS, CUSTOMERS, DEFINITIONS),
        Keyring(settings.CASELOOM_MASTER_KEY),
        now,
        Ids(),
        the_notifier.changed,
    )
    door.rebuild = lambda kind, stream: rebuild(door, kind, stream)
    install(door)
    hand(Handed(make_blobs, make_inbox, mail_soon))
    effects.register(app, Effects(performers(), now))
    return door


def performers() -> dict[str, Performer]:
    """Kind of effect → who performs it. Each is made when it is first asked for, with the settings of then."""
    return {
        "send message": lambda attempt: make_sender(
            MailTransport(smtp_server(settings.CASELOOM_SMTP_URL), house_domain())
        )(attempt),
        "erase customer": lambda attempt: Forgetting(the_door(), make_blobs())(attempt),
        "end relation": lambda attempt: EndingRelation(the_door())(attempt),
        TELL: lambda attempt: TellingMirrors(the_door(), CASES)(attempt),
        ASK: lambda attempt: AskingOwner(the_door(), CASES)(attempt),
        subcases.OPEN: lambda attempt: subcases.OpeningSubCases(the_door(), CASES)(attempt),
        subcases.TELL: lambda attempt: subcases.TellingParents(the_door(), CASES)(attempt),
        subcases.END: lambda attempt: subcases.EndingSubCases(the_door(), CASES)(attempt),
        "throw message": Throwing(program("caseloom")),
        "throw signal": Throwing(program("caseloom")),
    }


def house_domain() -> str:
    """The first of our mail domains: it stands in what we send."""
    domains: str = settings.CASELOOM_MAIL_DOMAIN
    return domains.partition(",")[0].strip()


def make_sender(transport: MailTransport) -> Sender:
    """The performer that sends, over this transport."""
    house = House(
        settings.CASELOOM_MAIL_NAME, settings.CASELOOM_MAIL_ADDRESS, house_domain(), derived_key("mail token")
    )
    return Sender(the_door(), make_blobs(), transport, house, portal_link)


def portal_link(customer: int, case: int, at: datetime) -> str:
    """The address under which a customer follows their case without an account."""
    return f"{settings.CASELOOM_URL}/portal/link/{make_link_token(customer, case, at)}/"


def mail_soon(address: str, subject: str, text: str) -> None:
    """Mail a short text of ours (a sign-in code). In a thread of its own, so that how long it takes tells nobody
    whether the address is known; one that does not arrive is asked for again.
    """
    mail = OutgoingMail(
        message_id=f"<{uuid4().hex}@{house_domain()}>",
        date=now(),
        sender=Address(settings.CASELOOM_MAIL_NAME, settings.CASELOOM_MAIL_ADDRESS),
        to=(Address("", address),),
        subject=subject,
        text=text,
        automatic="auto-generated",
    )
    transport = MailTransport(smtp_server(settings.CASELOOM_SMTP_URL), house_domain())
    arguments = (build_mail(mail), "", mail.recipients)
    threading.Thread(target=transport.send, args=arguments, daemon=True).start()


def make_blobs() -> Blobs:
    """The store of bytes, under the keys of the door's keyring."""
    return Blobs(store.raw_connection, person_key)


def person_key(person: int) -> AESGCM | None:
    """A person's data key; None for one who is erased.

    Raises:
        LookupError: there is no such person.
    """
    keys = store.person_keys(store.raw_connection(), (person,))
    if person not in keys:
        raise LookupError(f"There is no person {person}.")
    wrapped = keys[person]
    return None if wrapped is None else the_door().keyring.open(wrapped)


def make_inbox(wake: Callable[[], None] = lambda: None) -> Inbox:
    """Where raw mails are stored."""
    return Inbox(AESGCM(derived_key("raw mail")), the_door().ids, wake)


def make_intake(inbox: Inbox) -> Intake:
    """What makes contacts, customers and cases of them: by what they answer, else by what was learned."""
    # Here, so that a web process has nothing of it in memory.
    from caseloom.config.learner import make_mail_reader
    from caseloom.learning.mail_reader import LearnedSorter

    plain = PlainSorter(derived_key("mail token"), settings.CASELOOM_MAIL_TEAM)
    return Intake(the_door(), inbox, make_blobs(), LearnedSorter(plain, make_mail_reader()))


@lru_cache(maxsize=8)
def derived_key(purpose: str) -> bytes:
    """A key for one purpose, out of the master key (HKDF, RFC 5869)."""
    return HKDF(SHA256(), 32, None, f"caseloom {purpose}".encode()).derive(settings.CASELOOM_MASTER_KEY)
