"""What the demo's customers write: many words for few wants, as it is in life, so that there is something to learn."""

import random
from collections.abc import Mapping
from typing import Final

from caseloom.cli.demo.clientele import Person

OPENINGS: Final = (
    "",
    "Hello,",
    "Good morning,",
    "Dear team,",
    "Hi there,",
    "Dear Sir or Madam,",
    "To whom it may concern,",
    "Hello again,",
)
CLOSINGS: Final = (
    "",
    "Thank you.",
    "Thanks in advance.",
    "Kind regards",
    "Please let me know soon.",
    "Looking forward to your answer.",
    "Many thanks for your help.",
    "Best wishes",
)
ASIDES: Final = (
    "",
    "",
    "",
    "I have been a customer for many years.",
    "I tried the app, but it did not help.",
    "I am hard to reach in the morning.",
    "My wife says the same.",
    "I have written to you before about something else.",
)

WANTS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "general enquiry": (
        ("A question", "Saving", "Information please", "Branch hours", "Can you tell me"),
        (
            "How do I get a second card for my husband?",
            "What do you pay on savings at the moment?",
            "When is your branch at the station open?",
            "Can I pay by telephone from abroad?",
            "Which papers do I need to open an account for my daughter?",
            "Do you offer accounts for clubs?",
            "What does a transfer to Norway cost?",
            "How long does a transfer take to arrive?",
            "Can I change my daily limit by myself?",
            "Where do I find my yearly tax statement?",
        ),
    ),
    "activate card": (
        ("My new card", "Card", "New card has come", "Activation", "Card not active yet"),
        (
            "My new card is here. How do I activate it?",
            "The card that came by post does not work yet.",
            "I would like to activate my card.",
            "The shop says my new card is not active.",
            "Your letter says that I have to activate the card, but not how.",
            "I got the replacement card today and want to use it.",
            "Please switch my new card on.",
            "The cash machine tells me that the card has to be activated first.",
            "How can I start using the card that you sent me?",
            "Activation of the card in the app fails every time.",
        ),
    ),
    "dispute fee": (
        ("Fee on my statement", "Charges", "What is this fee?", "Money back", "A fee that I do not understand"),
        (
            "You charged me a fee that I do not understand. I want my money back.",
            "There are 12.50 EUR on my statement for account keeping, which was said to be free.",
            "Why did I pay a fee for a transfer inside the country?",
            "I was charged twice for the same statement.",
            "Please refund the fee of last month.",
            "I do not accept the charge for the returned direct debit.",
            "My account was to have no fees, and now there is one.",
            "What are these 4.90 EUR for? Take them back, please.",
            "I want to dispute the overdraft fee.",
            "The foreign exchange fee is higher than your price list says.",
        ),
    ),
    "fault": (
        ("No internet", "Slow", "Connection lost", "Internet down", "Router"),
        (
            "Since this morning the internet is down, all lamps but one are dark.",
            "It is so slow again.",
            "The connection breaks every evening at eight.",
            "We have had no network since yesterday.",
            "The router starts again and again by itself.",
            "Web pages take a minute to load.",
            "My television over the internet stops all the time.",
            "There is no signal on the line.",
            "The lamp of the modem blinks red and nothing works.",
            "I get a tenth of the speed that I pay for.",
        ),
    ),
    "change address": (
        ("We have moved", "Moving", "New address", "Change of address", "My address"),
        (
            "We have moved, please note our new address.",
            "I am moving on the first.",
            "My letters still go to the old flat.",
            "From next month on I live at another place.",
            "Please change my address in your records.",
            "We have a new house and so a new address.",
            "The street in my statement is the old one.",
            "I have moved to another town and need my mail sent there.",
            "Please send everything to my new home from now on.",
            "My address has changed since the wedding.",
        ),
    ),
    "order internet": (
        ("Internet at home", "Internet access", "New connection", "Order", "Fibre"),
        (
            "I would like to order internet access for my flat.",
            "Can I get fibre in our street?",
            "We need an internet connection in the new house.",
            "Please send me an offer for the fastest line that you have.",
            "I want to switch to you with my internet.",
            "How soon can a technician connect us?",
            "I would like the tariff with 250 megabits.",
            "We want to order the bundle with the router.",
            "Is a line free at our address? I would like to have one.",
            "Please set up internet for my mother's flat.",
        ),
    ),
    "lost card": (
        ("My card is gone", "Card lost", "Stolen!", "Block my card", "Wallet stolen"),
        (
            "I lost my card on the train, please block it at once!",
            "My wallet was stolen with the card in it.",
            "I cannot find my card any more and want it blocked.",
            "Somebody has taken my card from my bag.",
            "Please block my card, I left it in a taxi.",
            "The card is gone, I noticed it this morning.",
            "My card was swallowed by a machine abroad and did not come out.",
            "Thieves have my card, stop it now!",
            "I must have dropped my card at the market. Block it, please, and send another.",
            "There was a break-in, and my card is missing.",
        ),
    ),
    "complaint": (
        ("Complaint", "Nobody answers", "Disappointed", "This cannot be", "Bad service"),
        (
            "Nobody has answered me for a week. This is unacceptable.",
            "I have called four times and was told something else each time.",
            "Your agent was rude to me on the telephone.",
            "I waited for forty minutes and then the line was cut.",
            "I am very disappointed by how you treat customers.",
            "You promised to call back and never did.",
            "I want to complain about the way my matter was handled.",
            "For this service I would not pay a cent.",
            "The technician did not come, and nobody told us.",
            "I expect an apology and an explanation.",
        ),
    ),
    "close account": (
        ("Closing my account", "Please close it", "Cancellation", "I am leaving", "End of contract"),
        (
            "Please close my account at the end of the month.",
            "I hereby give notice for my account.",
            "I am changing my bank and want to close everything.",
            "Close the account of my late father, please.",
            "I do not need the account any more.",
            "Please transfer the rest of my money and close the account.",
            "I want to end my contract with you.",
            "We are leaving the country and close our account.",
            "Cancel my account and confirm it in writing.",
            "I have had enough and take my money elsewhere: close the account.",
        ),
    ),
}


def written(rng: random.Random, service_goal: str, person: Person) -> tuple[str, str]:
    """Subject and text of a message that wants this."""
    subjects, wants = WANTS[service_goal]
    parts = [rng.choice(OPENINGS), rng.choice(wants), rng.choice(ASIDES), rng.choice(CLOSINGS)]
    if rng.random() < 0.4:
        parts.append(person.name)
    return rng.choice(subjects), "\n".join(part for part in parts if part)
