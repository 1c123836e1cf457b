"""`caseloom check main-line`: one customer's mail, from the first word to the confirmed outcome, on a running demo.

Everything is done as people do it: mails go by SMTP, the desk, the portal and the board are used in Chromium, letters
are read in the customer's own mailbox. Each step prints a line with its time; the first that fails ends the check.
"""

import contextlib
import re
import secrets
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from caseloom.channels.mail.threading import case_in_subject
from caseloom.cli.check.postbox import Postbox, Unfulfilled, people, words_of
from caseloom.cli.demo.addresses import DOMAIN, HOUSE_ADDRESS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AGENT: Final = "edda"
SUPERVISOR: Final = "paula"
OWNER: Final = "quentin"
GOAL: Final = "lost card"
FIGURES: Final = f"/api/v1/figures?span=year&goal={GOAL}&channel=mail".replace(" ", "%20")
ON_THE_DESK: Final = 3.0
"""Seconds from the last byte of the mail until the case stands on an open desk."""
OWN_ID: Final = re.compile(rf"<cl1-[0-9a-z]+-[0-9a-z]+-[a-z2-7]{{16}}@{re.escape(DOMAIN)}>")
PATIENCE: Final = 15_000
PICTURE: Final = b"\x89PNG\r\n\x1a\n" + bytes(2_000)


class Demo(msgspec.Struct, frozen=True):
    """Where a running demo is reached. `shots` is a folder for pictures of each screen, or None."""

    url: str
    mailboxes: str
    smtp: tuple[str, int]
    password: str
    shots: Path | None = None


class MainLine:
    """The check: `run` it with a browser. `say` hears a line a step."""

    def __init__(self, demo: Demo, browser: "Browser", say: Callable[[str], None]) -> None:
        self._demo, self._browser, self._say = demo, browser, say
        self._desk = self._signed_in(AGENT)
        self._board = self._signed_in(OWNER)
        self._before: dict[str, Any] = {}
        self._case = 0
        self._mail_id = ""
        self._letter = EmailMessage()
        self._known: set[str] = set()
        self._portal = self._page()
        (name, address), self._other = self._customers()
        self._customer = Postbox(name, address, demo.mailboxes, demo.smtp)

    def run(self) -> None:
        """All steps, in their order.

        Raises:
            Unfulfilled: a step did not come true.
        """
        for step in (
            self.figures_are_noted,
            self.a_mail_with_an_attachment_comes_in,
            self.the_case_is_taken_and_the_card_blocked,
            self.a_way_is_chosen_and_its_task_done,
            self.a_letter_is_drafted_and_sent,
            self.the_letter_is_in_the_customers_mailbox,
            self.the_reply_joins_the_same_case,
            self.the_link_opens_the_matter_without_an_account,
            self.the_customer_does_their_part,
            self.the_customer_rates_2_of_5,
            self.a_recovery_goal_stands_and_the_supervisor_is_told,
            self.the_customer_is_won_back,
            self.the_customer_confirms,
            self.the_figures_are_the_old_ones_plus_this_case,
            self.another_customer_activates_a_card_alone,
        ):
            self._take(step)

    def _take(self, step: Callable[[], str]) -> None:
        began, words = time.monotonic(), step.__name__.replace("_", " ")
        try:
            with browser_faults():
                more = step()
        except Unfulfilled as fault:
            self._say(f"FAILED {time.monotonic() - began:6.2f} s  {words}: {fault}")
            self._shot(self._desk, "failed-desk")
            self._shot(self._portal, "failed-portal")
            raise
        self._say(f"ok     {time.monotonic() - began:6.2f} s  {words}{f': {more}' if more else ''}")

    # --- the steps ----------------------------------------------------------------------------------------------------

    def figures_are_noted(self) -> str:
        """What the board says before."""
        self._before = self._figures()
        return _told(self._before)

    def a_mail_with_an_attachment_comes_in(self) -> str:
        """By SMTP, while a desk is open; the line comes to it live."""
        page = self._desk
        with page.expect_response("**/live/"):
            page.goto("/desk/?view=unassigned")
        page.wait_for_timeout(300)
        page.evaluate("window.stillHere = true")
        self._known = set(self._customer.keys())
        before = set(self._standing())
        subject = f"I have lost my card {secrets.token_hex(3)}"
        self._mail_id = self._customer.write(HOUSE_ADDRESS, subject, "My card is gone, please block it.", PICTURE)
        sent = time.monotonic()
        while not (self._fresh(subject) or set(self._standing()) - before):
            if time.monotonic() - sent > ON_THE_DESK:
                raise Unfulfilled(f"after {ON_THE_DESK:.0f} s the open desk does not show it")
            page.wait_for_timeout(20)
        took = time.monotonic() - sent
        if page.evaluate("window.stillHere") is not True:
            raise Unfulfilled("the desk was loaded anew")
        self._case = self._find(subject)
        self._shot(page, "worklist-live")
        return f"on the desk after {took:.2f} s, case {self._case}, from {self._customer.address}"

    def _standing(self) -> list[str]:
        return [str(line.get_attribute("data-case")) for line in self._desk.locator("#lines li[data-case]").all()]

    def _fresh(self, subject: str) -> bool:
        """The desk says that something new has come, and puts it into the list when it is asked to."""
        return bool(self._desk.locator("#news button").count())

    def _find(self, subject: str) -> int:
        found = self._json(self._desk, f"/api/v1/search?q={subject.rpartition(' ')[2]}")
        cases = [one["id"] for one in found if one["kind"] == "case"]
        if len(cases) != 1:
            raise Unfulfilled(f"the mail opened {len(cases)} cases")
        contacts = self._json(self._desk, f"/api/v1/cases/{cases[0]}/contacts")["contacts"]
        if [one["attachments"] for one in contacts] != [1]:
            raise Unfulfilled(f"the case has contacts with {[one['attachments'] for one in contacts]} attachments")
        return int(cases[0])

    def the_case_is_taken_and_the_card_blocked(self) -> str:
        """Taken by its button; the first goal reached by the first way."""
        page = self._desk
        if page.locator("#news button").count():
            page.locator("#news button").click()
        page.locator(f"#lines li[data-case='{self._case}'] a").first.click()
        page.get_by_role("button", name="Take this case").click()
        page.locator(".chip.mine").wait_for()
        self._shot(page, "case-taken")
        self._choose("Block the card now")
        task = self._task("Block the card")
        task.get_by_label("Last four digits").fill("4711")
        self._done(task)
        page.locator(".track .reached", has_text="The card is blocked").wait_for()
        return ""

    def a_way_is_chosen_and_its_task_done(self) -> str:
        """The second goal: one of its ways, and the work that it needs."""
        self._choose("By mail, in four days")
        self._shot(self._desk, "case-tasks")
        self._done(self._task("Order the new card"))
        return ""

    def a_letter_is_drafted_and_sent(self) -> str:
        """From the task's template, with what is open filled in."""
        page = self._desk
        self._task("Tell when the new card comes").get_by_role("link", name="Write the letter").click()
        text = page.locator("#co-text")
        text.wait_for()
        self._until(lambda: len(text.input_value()) > 40, "the template stands in the composer", 10)
        drafted = re.sub(r"\[[^\]\n]+\]", "next Thursday", text.input_value())
        text.fill(drafted + "\n\nI shall look after it myself.")
        page.get_by_role("button", name="Preview").click()
        page.locator("#preview .letter").wait_for()
        self._shot(page, "letter")
        page.get_by_role("button", name="Send this message").click()
        page.locator("#compose-form").get_by_role("button", name="Send this message").wait_for(state="hidden")
        return ""

    def the_letter_is_in_the_customers_mailbox(self) -> str:
        """With the headers by which mail programs put it under the customer's mail."""
        self._letter = mail = self._customer.wait_for(self._known, lambda one: "look after it myself" in words_of(one))
        if str(mail["In-Reply-To"] or "").strip() != self._mail_id:
            raise Unfulfilled(f"In-Reply-To is {mail['In-Reply-To']}, not {self._mail_id}")
        if self._mail_id not in str(mail["References"] or "").split():
            raise Unfulfilled(f"References are {mail['References']}, without {self._mail_id}")
        if not OWN_ID.fullmatch(str(mail["Message-ID"]).strip()):
            raise Unfulfilled(f"the Message-ID {mail['Message-ID']} has no token of ours")
        if case_in_subject(str(mail["Subject"])) != self._case:
            raise Unfulfilled(f"the subject “{mail['Subject']}” has not the number of case {self._case}")
        return str(mail["Subject"])

    def the_reply_joins_the_same_case(self) -> str:
        """An answer by the mail program; no second case comes of it."""
        text = f"Thank you, Thursday is fine. {secrets.token_hex(3)}"
        thread = {"In_Reply_To": str(self._letter["Message-ID"]), "References": str(self._letter["References"])}
        self._customer.write(HOUSE_ADDRESS, f"Re: {self._letter['Subject']}", text, b"", **thread)
        self._until(lambda: text in str(self._contacts()), "the reply stands in the case", 10)
        return f"{len(self._contacts())} contacts in case {self._case}"

    def _contacts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._json(self._desk, f"/api/v1/cases/{self._case}/contacts")["contacts"]
        return found

    def the_link_opens_the_matter_without_an_account(self) -> str:
        """The link of the letter, in a browser that knows nobody."""
        link = re.search(rf"{re.escape(self._demo.url)}/portal/link/\S+", words_of(self._letter))
        if link is None:
            raise Unfulfilled("there is no link in the letter")
        self._portal.goto(link[0])
        self._portal.get_by_role("heading", name="My lost card is blocked and I get a new one").wait_for()
        self._shot(self._portal, "portal-matter")
        return ""

    def the_customer_does_their_part(self) -> str:
        """One question, checked and sent."""
        page = self._portal
        self._start(page, "Tell us when your card is there")
        page.get_by_label("Yes").check()
        self._shot(page, "portal-part")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Done, send it").click()
        page.get_by_text("Thank you. It is noted.").wait_for()
        return ""

    def the_customer_rates_2_of_5(self) -> str:
        """In the moment, with a word."""
        page = self._portal
        page.get_by_label("In your words").fill("It took you a day to answer.")
        page.locator("button.rate-2").click()
        page.get_by_text("Thank you for telling us how it goes.").wait_for()
        self._shot(page, "portal-rated")
        return ""

    def a_recovery_goal_stands_and_the_supervisor_is_told(self) -> str:
        """The case has a goal more; the notice stands where the supervisor looks."""
        page = self._desk
        page.goto(f"/desk/cases/{self._case}/?view=mine")
        page.locator(".track", has_text="The customer is content again").wait_for()
        self._shot(page, "recovery")
        notices = self._signed_in(SUPERVISOR)
        notices.goto("/desk/notices/")
        if not notices.locator(f"a[href='/desk/cases/{self._case}/']").count():
            raise Unfulfilled("no notice of this case stands where the supervisor looks")
        self._shot(notices, "notices")
        notices.context.close()
        return ""

    def the_customer_is_won_back(self) -> str:
        """A call, noted."""
        page = self._desk
        self._choose("Call, listen, and settle it")
        task = self._task("Call the customer and note what went wrong")
        task.get_by_label("What went wrong").fill("The answer took a day.")
        self._done(task)
        page.locator(".track .reached", has_text="The customer is content again").wait_for()
        return ""

    def the_customer_confirms(self) -> str:
        """Whether it is done is the customer's to say; then the case is complete."""
        page = self._portal
        page.goto(page.url.partition("?")[0])
        page.get_by_role("button", name="Yes, it is done").click()
        page.get_by_text("This is done.").wait_for()
        self._shot(page, "portal-done")
        state = self._json(self._desk, f"/api/v1/cases/{self._case}")
        if (state["status"], state["confirmed"]) != ("completed", True):
            raise Unfulfilled(f"the case is {state['status']}, confirmed {state['confirmed']}")
        return ""

    def the_figures_are_the_old_ones_plus_this_case(self) -> str:
        """One more confirmed outcome, one more rating of 2, nothing more in hand."""
        now, old = self._figures(), self._before
        counted = old["satisfaction"]["of"]
        mean = ((old["satisfaction"]["value"] or 0) * counted + 2) / (counted + 1)
        for name, is_now, should in (
            ("confirmed outcomes", now["turnaround"]["of"], old["turnaround"]["of"] + 1),
            ("ratings", now["satisfaction"]["of"], counted + 1),
            ("satisfaction", round(now["satisfaction"]["value"], 6), round(mean, 6)),
            ("ratings of 2", now["ratings"]["2"], old["ratings"]["2"] + 1),
            ("cases in hand", now["in hand"]["value"], old["in hand"]["value"]),
        ):
            if is_now != should:
                raise Unfulfilled(f"{name}: {is_now}, not {should}")
        self._board.goto("/board/?span=year")
        self._shot(self._board, "board")
        return _told(now)

    def another_customer_activates_a_card_alone(self) -> str:
        """Signed in by a mailed code; nothing asked that is known, nobody of ours needed."""
        name, address = self._other
        box = Postbox(name, address, self._demo.mailboxes, self._demo.smtp)
        known, page = set(box.keys()), self._page()
        page.goto("/portal/enter/")
        page.get_by_label("Your mail address").fill(address)
        page.get_by_role("button", name="Mail me a code").click()
        code = re.search(r"\b([0-9]{6})\b", words_of(box.wait_for(known, lambda mail: "code" in str(mail["Subject"]))))
        page.get_by_label("Six digits").fill(code[1] if code else "")
        page.get_by_role("button", name="Continue").click()
        self._start(page, "My card works")
        self._answer_all(page, "4711", "Send")
        self._start(page, "Type the code from our letter")
        self._shot(page, "portal-alone")
        self._answer_all(page, "123456", "Done, send it")
        page.get_by_text("This is done.").wait_for()
        box.wait_for(known, lambda mail: "Your card works now" in str(mail["Subject"]))
        page.context.close()
        return f"{name}, alone"

    def _answer_all(self, page: "Page", unknown: str, send: str) -> None:
        """Step through the questions; what is known stands there already."""
        for _ in range(6):
            if page.get_by_role("button", name=send, exact=True).count():
                page.get_by_role("button", name=send, exact=True).click()
                return
            field = page.locator("main input:not([type=hidden])").first
            if not field.input_value():
                field.fill(unknown)
            page.get_by_role("button", name="Continue").click()
        raise Unfulfilled("the questions do not end")

    # --- hands --------------------------------------------------------------------------------------------------------

    @staticmethod
    def _start(page: "Page", what: str) -> None:
        page.get_by_role("link", name=re.compile(rf"Start\s*: {what}")).click()

    def _choose(self, way: str) -> None:
        self._desk.locator("button.option", has_text=way).first.click()

    def _task(self, title: str) -> Any:
        card = self._desk.locator("article.task").filter(has=self._desk.get_by_role("heading", name=title, exact=True))
        card.wait_for()
        return card

    @staticmethod
    def _done(task: Any) -> None:
        handle = task.element_handle()
        task.get_by_role("button", name="Done").click()
        handle.wait_for_element_state("hidden")

    def _page(self) -> "Page":
        context = self._browser.new_context(viewport={"width": 1440, "height": 900}, base_url=self._demo.url)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        return page

    def _signed_in(self, username: str) -> "Page":
        page = self._page()
        page.goto("/accounts/login/?next=/desk/notices/")
        page.locator("input[name=login]").fill(username)
        page.locator("input[name=password]").fill(self._demo.password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/desk/**")
        return page

    def _customers(self) -> list[tuple[str, str]]:
        """Two of the demo's customers, by chance, so that the check may be run again and again."""
        known = people(self._demo.mailboxes)
        if len(known) < 2:
            raise Unfulfilled(f"{self._demo.mailboxes} lists no customers; is this a demo?")
        return secrets.SystemRandom().sample(known, 2)

    def _figures(self) -> dict[str, Any]:
        told: dict[str, Any] = self._json(self._board, FIGURES)
        return told | {figure["name"]: figure for figure in told["figures"]}

    @staticmethod
    def _json(page: "Page", path: str) -> Any:
        answer = page.context.request.get(path)
        if not answer.ok:
            raise Unfulfilled(f"{path} answers {answer.status}: {answer.text()[:200]}")
        return answer.json()

    @staticmethod
    def _until(true: Callable[[], bool], what: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not true():
            if time.monotonic() > until:
                raise Unfulfilled(f"not within {seconds:.0f} s: {what}")
            time.sleep(0.1)

    def _shot(self, page: "Page", name: str) -> None:
        if self._demo.shots is not None:
            self._demo.shots.mkdir(parents=True, exist_ok=True)
            page.wait_for_timeout(150)
            page.screenshot(path=str(self._demo.shots / f"{name}.png"))


@contextlib.contextmanager
def browser_faults() -> Iterator[None]:
    """What Playwright waited for in vain, as a step that did not come true."""
    from playwright.sync_api import Error

    try:
        yield
    except Error as fault:
        raise Unfulfilled(" ".join(str(fault).split())[:400]) from fault
    except OSError as fault:
        raise Unfulfilled(f"no connection: {fault}") from fault


def _told(figures: dict[str, Any]) -> str:
    satisfaction = figures["satisfaction"]["value"]
    return (
        f"{figures['turnaround']['of']} confirmed, {figures['satisfaction']['of']} ratings, satisfaction "
        f"{'–' if satisfaction is None else format(satisfaction, '.3f')}, {figures['in hand']['value']:.0f} in hand"
    )
