"""Case models as text, for tests: what stands inside the case plan model, and around it."""

from caseloom.interchange.cmmn_names import MODEL

CAMUNDA = 'xmlns:camunda="http://camunda.org/schema/1.0/cmmn"'
FLOWABLE = 'xmlns:flowable="http://flowable.org/cmmn"'


def model(inside: str, beside: str = "", plan: str = 'autoComplete="true"', version: str = "1.1") -> bytes:
    """A file with one case."""
    return (
        f'<definitions xmlns="{MODEL[version]}" {CAMUNDA} {FLOWABLE} targetNamespace="test">'
        f'<case id="it" name="It">{beside}<casePlanModel id="plan" name="Plan" {plan}>{inside}</casePlanModel></case>'
        "</definitions>"
    ).encode()


def condition(text: str, language: str = "") -> str:
    """A condition of CMMN 1.1."""
    said = f' language="{language}"' if language else ""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return f"<condition{said}><body>{text}</body></condition>"


TWO = '<planItem id="a" name="A" definitionRef="ta"/><planItem id="b" name="B" definitionRef="tb">{}</planItem>'
TASKS = '<humanTask id="ta"/><humanTask id="tb"/>'


CRITERION = '<entryCriterion id="c" sentryRef="s"/>'


def guarded(sentry: str) -> str:
    """Two tasks, the second of which waits for a sentry."""
    return f'{TWO.format(CRITERION)}<sentry id="s">{sentry}</sentry>{TASKS}'
