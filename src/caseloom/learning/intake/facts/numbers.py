"""Numbers that name something: orders, customers, accounts, phones; and mail addresses."""

from collections.abc import Iterator

import regex

from caseloom.learning.intake.facts.named_fact import Kind, NamedFact

_MAIL = regex.compile(r"(?<![\w.+-])[\w+-]+(?:\.[\w+-]+)*@[\w-]+(?:\.[\w-]+)*\.\p{L}{2,24}(?![\w-])")
_IBAN = regex.compile(r"(?<!\w)(?P<country>[A-Z]{2})(?P<check>\d{2})(?:[ ]?[A-Z0-9]{1,4}){3,8}(?!\w)", regex.I)
_IBAN_LENGTHS = (15, 34)

_LABELS: dict[Kind, str] = {
    "order number": r"order|booking|bestell(?:ung|nummer|[-\s]?nr\.?)|auftrag(?:snummer|s[-\s]?nr\.?)?|buchungsnummer",
    "customer number": (
        r"customer|client|account|member(?:ship)?|kunden(?:nummer|[-\s]?nr\.?)|kd\.?[-\s]?nr\.?"
        r"|mitglieds(?:nummer|[-\s]?nr\.?)"
    ),
    "invoice number": r"invoice|bill|rechnung(?:snummer|s[-\s]?nr\.?)?",
    "contract number": r"contract|policy|vertrag(?:snummer|s[-\s]?nr\.?)?|versicherungs(?:nummer|[-\s]?nr\.?)|police",
    "case number": r"case|ticket|reference|ref\.?|vorgang(?:snummer|s[-\s]?nr\.?)?|aktenzeichen|az\.",
}
_NAMES = "|".join(f"(?P<kind_{place}>{pattern})" for place, pattern in enumerate(_LABELS.values()))
_LABELLED = regex.compile(
    rf"(?<!\w)(?:{_NAMES})[ ]?(?:number|no\.?|nr\.?|num\.?|id|nummer|code)?"
    r"(?:[ ]?(?:is|ist|lautet|was|:|=))?[ ]?[#№]?[ ]?"
    r"(?P<number>(?=[A-Za-z0-9/_-]*\d)[A-Za-z0-9][A-Za-z0-9/_-]{2,29})(?!\w|[.,]\d)",
    regex.I,
)
_PHONE = regex.compile(
    r"(?<![\w.,/#-])(?:(?:\+|00)[1-9]\d{0,2}|\(?0|\(?[2-9]\d{2}\)?[ .-](?=\d{3}[ .-]\d{4}\b))"
    r"(?:[ ./()-]{0,2}\d){3,14}(?![\w]|[.,-]\d)"
)
_DATE_LIKE = regex.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")
_PHONE_DIGITS = (7, 15)


def mail_addresses(text: str) -> Iterator[NamedFact]:
    """E-mail addresses, in small letters."""
    for found in _MAIL.finditer(text):
        yield NamedFact("e-mail address", found[0].lower(), found.start(), found.end())


def ibans(text: str) -> Iterator[NamedFact]:
    """Account numbers whose check digits hold (ISO 13616, ISO 7064 MOD 97-10); words behind one are not taken for
    its end."""
    for found in _IBAN.finditer(text):
        end = found.end()
        while end > found.start():
            number = regex.sub(r"\s", "", text[found.start() : end]).upper()
            if len(number) < _IBAN_LENGTHS[0]:
                break
            if len(number) <= _IBAN_LENGTHS[1] and _checked(number):
                yield NamedFact("IBAN", number, found.start(), end)
                break
            shorter = text.rfind(" ", found.start(), end)
            if shorter < 0:
                break
            end = shorter


def _checked(number: str) -> bool:
    turned = number[4:] + number[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def labelled_numbers(text: str) -> Iterator[NamedFact]:
    """Numbers behind a word that says whose they are: `order no. 4711-A`, `Kundennummer: K 10023`."""
    kinds = list(_LABELS)
    for found in _LABELLED.finditer(text):
        kind = next(kinds[place] for place in range(len(kinds)) if found[f"kind_{place}"])
        yield NamedFact(kind, found["number"].upper(), found.start("number"), found.end("number"))


def phones(text: str) -> Iterator[NamedFact]:
    """Phone numbers with a country (`+49 30 …`), with a leading 0, or in the American form (`617-555-0123`)."""
    for found in _PHONE.finditer(text):
        digits = regex.sub(r"\D", "", found[0].replace("(0)", ""))
        if found[0].startswith(("+", "00")):
            digits = "+" + digits.removeprefix("00")
        if _DATE_LIKE.fullmatch(found[0]):
            continue
        if _PHONE_DIGITS[0] <= len(digits.lstrip("+")) <= _PHONE_DIGITS[1]:
            yield NamedFact("phone number", digits, found.start(), found.end())
