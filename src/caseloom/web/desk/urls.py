"""The routes of the desk. Numbers of streams have at most 18 digits, so that each fits PostgreSQL's bigint."""

from typing import Any

from django.urls import path, register_converter

from caseloom.web.desk import (
    case,
    commands,
    contacts,
    customer,
    drafts,
    earlier_cases,
    issue,
    knowledge,
    opening,
    other_goals,
    pages,
    sheets,
    sub_cases,
    work,
)
from caseloom.web.live import views as live


class StreamNumber:
    """`<stream:case>`: the id of a stream."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: Any) -> str:
        return str(value)


register_converter(StreamNumber, "stream")

app_name = "desk"
urlpatterns = [
    path("", work.desk, name="desk"),
    path("more/", work.more, name="more"),
    path("rows/", work.rows, name="rows"),
    path("search/", pages.search, name="search"),
    path("new/", opening.new, name="new"),
    path("new/who/", opening.who, name="who"),
    path("notices/", pages.told, name="notices"),
    path("quarantine/", pages.quarantine, name="quarantine"),
    path("quarantine/<stream:mail>/again/", pages.try_again, name="try_again"),
    path("cases/<stream:case>/", case.case, name="case"),
    path("cases/<stream:case>/earlier/", case.earlier, name="earlier"),
    path("cases/<stream:case>/letter/", case.letter, name="letter"),
    path("cases/<stream:case>/preview/", case.preview, name="preview"),
    path("cases/<stream:case>/here/", live.here, name="here"),
    path("cases/<stream:case>/do/<str:command>/", commands.do, name="do"),
    path("cases/<stream:case>/sheet/<str:what>/<int:number>/", sheets.sheet, name="sheet"),
    path("cases/<stream:case>/steps/<int:flow>/<int:node>/", sheets.step, name="step"),
    path("cases/<stream:case>/flows/<int:flow>/drawing/", sheets.drawing, name="drawing"),
    path("cases/<stream:case>/earlier-cases/<int:goal>/", earlier_cases.find, name="earlier_cases"),
    path("cases/<stream:case>/earlier-cases/<int:goal>/<stream:past>/", earlier_cases.look, name="earlier_case"),
    path("cases/<stream:case>/bring/", earlier_cases.bring, name="bring"),
    path("cases/<stream:case>/draft/", drafts.draft, name="draft"),
    path("cases/<stream:case>/knowledge/", knowledge.find, name="knowledge"),
    path("cases/<stream:case>/issue/", issue.show, name="issue"),
    path("cases/<stream:case>/issue/more/", issue.more, name="issue_more"),
    path("cases/<stream:case>/issue/join/", issue.join, name="issue_join"),
    path("cases/<stream:case>/issue/letter/", issue.letter, name="issue_letter"),
    path("cases/<stream:case>/issue/preview/", issue.preview, name="issue_preview"),
    path("cases/<stream:case>/issue/tell/", issue.tell, name="issue_tell"),
    path("cases/<stream:case>/other-goals/", other_goals.find, name="other_cases"),
    path("cases/<stream:case>/other-goals/<stream:other>/", other_goals.look, name="other_goals"),
    path("cases/<stream:case>/sub-case/", sub_cases.open_sub_case, name="sub_case"),
    path("contacts/<stream:contact>/html/", contacts.html, name="html"),
    path("contacts/<stream:contact>/letter.pdf", contacts.letter, name="letter_pdf"),
    path("contacts/<stream:contact>/files/<stream:blob>/", contacts.attachment, name="attachment"),
    path("customers/<stream:customer>/", customer.customer, name="customer"),
    path("customers/<stream:customer>/erase/", customer.erase, name="erase"),
    path("customers/<stream:customer>/do/<str:command>/", customer.change, name="change"),
]
