# Texts as they come, one a line.
# ruff: noqa: E501

import pytest

from caseloom.channels.mail.message import InboundMail, read_mail
from caseloom.channels.mail.quoted import reply_of
from tests.channels.mail.nasty import html

OLD = "We sent you the card.\n\nYours, the bank"
QUOTED = "\n".join(f"> {line}" for line in OLD.split("\n"))
HISTORIES = {
    "gmail en": f"On Mon, Jan 1, 2024 at 10:00 AM Bank <bank@example.com> wrote:\n\n{QUOTED}",
    "gmail en, wrapped": f"On Mon, Jan 1, 2024 at 10:00 AM The Friendly Bank of Examples <\nbank@example.com> wrote:\n{QUOTED}",
    "gmail de": f"Am Mo., 1. Jan. 2024 um 10:00 Uhr schrieb Bank <bank@example.com>:\n\n{QUOTED}",
    "gmail fr": f"Le lun. 1 janv. 2024 à 10:00, Banque <bank@example.com> a écrit :\n\n{QUOTED}",
    "apple en": f"> On 1. Jan 2024, at 10:00, Bank <bank@example.com> wrote:\n> \n{QUOTED}",
    "apple de": f"Am 01.01.2024 um 10:00 schrieb Bank <bank@example.com>:\n{QUOTED}",
    "apple fr": f"Le 1 janv. 2024 à 10:00, Banque <bank@example.com> a écrit :\n{QUOTED}",
    "thunderbird de": f"Am 01.01.24 um 10:00 schrieb Bank:\n{QUOTED}",
    "thunderbird fr": f"Le 01/01/2024 à 10:00, Banque a écrit :\n{QUOTED}",
    "webmail de": f"Bank schrieb am 1. Januar 2024 um 10:00:\n{QUOTED}",
    "outlook en": f"-----Original Message-----\nFrom: Bank <bank@example.com>\nSent: Monday\nTo: Ada\nSubject: Card\n\n{OLD}",
    "outlook de": f"-----Ursprüngliche Nachricht-----\nVon: Bank\nGesendet: Montag\nAn: Ada\nBetreff: Karte\n\n{OLD}",
    "outlook fr": f"-----Message d'origine-----\nDe : Banque\nEnvoyé : lundi\nÀ : Ada\nObjet : Carte\n\n{OLD}",
    "outlook fr, curly": f"-----Message d’origine-----\n{OLD}",
    "gmx de": f"-------- Ursprüngliche Nachricht --------\n{OLD}",
    "web.de": f"--- Ursprüngliche Nachricht ---\n{OLD}",
    "exchange en": f"________________________________\nFrom: Bank <b@example.com>\nSent: Monday, January 1, 2024\nTo: Ada\nSubject: Card\n\n{OLD}",
    "exchange de": f"________________________________\nVon: Bank <b@example.com>\nGesendet: Montag\nAn: Ada\nBetreff: Karte\n\n{OLD}",
    "exchange fr": f"De : Banque <b@example.com>\nEnvoyé : lundi 1 janvier 2024\nÀ : Ada\nObjet : Carte\n\n{OLD}",
    "outlook, bold fields": f"*From:* Bank\n*Sent:* Monday\n*To:* Ada\n*Subject:* Card\n\n{OLD}",
    "quotes alone": QUOTED,
}  # fmt: skip


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_only_what_was_written_now_is_left(history: str) -> None:
    assert reply_of(f"It never came.\n\nAda\n\n{history}\n") == "It never came.\n\nAda"


def test_an_answer_below_the_quote_is_kept() -> None:
    text = f"On Mon, Jan 1, 2024 Bank <bank@example.com> wrote:\n{QUOTED}\n\nIt never came."
    assert reply_of(text) == "It never came."


def test_answers_between_quoted_lines_are_kept() -> None:
    assert reply_of("> Did it come?\nNo.\n> And the letter?\nYes.") == "No.\nYes."


def test_a_mail_of_history_alone_is_kept_whole() -> None:
    text = f"-----Original Message-----\nFrom: Bank\n\n{OLD}"
    assert reply_of(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote to you.\nNothing came.",
        "From: where I stand, all is well.\nDo tell.",
        "Von: Berlin\nmöchte ich nach Köln.",
        "I paid 5 EUR -- twice.\n-- \nAda",
        "He wrote:\nnothing.",
    ],
)
def test_plain_words_are_not_taken_for_history(text: str) -> None:
    assert reply_of(text) == text


def test_history_in_html_alone_is_found() -> None:
    mail = read_mail(
        html(
            '<div>It never came.</div><div class="gmail_quote"><div>On Mon, Jan 1, 2024 Bank &lt;b@example.com&gt; wrote:</div>'
            "<blockquote><p>We sent it.</p><p>Yours</p></blockquote></div>"
        )
    )
    assert isinstance(mail, InboundMail)
    assert mail.reply_text == "It never came."
    assert "> We sent it." in mail.text
