"""CMMN files become service goals, and what is none of ours is told."""

import pytest

from caseloom.engine.spec.service_goal import SentrySpec, ServiceGoal
from caseloom.interchange.cmmn_reader import CmmnCase, read_cmmn
from caseloom.interchange.cmmn_source import CmmnFault
from tests.interchange.cmmn_text import TASKS, TWO, condition, guarded, model


def case_of(inside: str, beside: str = "", **more: str) -> CmmnCase:
    return read_cmmn(model(inside, beside, **more)).cases[0]


def goal_of(inside: str, beside: str = "", **more: str) -> ServiceGoal:
    return case_of(inside, beside, **more).goal


def entry(sentry: str, beside: str = "") -> SentrySpec:
    return goal_of(guarded(sentry), beside).tasks["B"].enter[0]


ON_A = '<planItemOnPart sourceRef="a"><standardEvent>{}</standardEvent></planItemOnPart>'


def test_a_case_plan_becomes_the_automatic_option_of_one_required_goal() -> None:
    goal = goal_of(TWO.format("") + TASKS)
    assert goal.goals["case plan done"].need == "required"
    assert goal.goals["case plan done"].options["as planned"].automatic
    assert goal.goals["case plan done"].options["as planned"].tasks == ("Plan",)
    plan = goal.stages["Plan"]
    assert plan.case_plan
    assert plan.auto_complete
    assert plan.tasks == ("A", "B")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("complete", "A"),
        ("create", "A is created"),
        ("start", "A is started"),
        ("manualStart", "A is started by hand"),
        ("terminate", "A is terminated"),
        ("exit", "A has exited"),
        ("fault", "A has failed"),
        ("suspend", "A is suspended"),
        ("parentResume", "A is resumed from above"),
        ("reenable", "A is enabled again"),
    ],
)
def test_an_on_part_is_read_with_its_standard_event(event: str, words: str) -> None:
    assert entry(ON_A.format(event)).after == (words,)


def test_an_unknown_event_cannot_run_and_is_told_with_its_line() -> None:
    case = case_of(guarded(ON_A.format("close")))
    assert case.goal.tasks["B"].enter == ()
    assert [one.effect for one in case.findings] == ["cannot run"]
    assert case.findings[0].line == 1


def test_case_file_items_are_facts_and_sentries_wait_for_them() -> None:
    file = (
        '<caseFileModel><caseFileItem id="f" name="Papers" multiplicity="ZeroOrMore" definitionRef="d">'
        '<children><caseFileItem id="g" name="Note"/></children></caseFileItem></caseFileModel>'
    )
    part = '<caseFileItemOnPart sourceRef="{}"><standardEvent>{}</standardEvent></caseFileItemOnPart>'
    goal = goal_of(guarded(part.format("f", "addChild") + part.format("g", "create")), file)
    assert {name: fact.type for name, fact in goal.facts.items()} == {"Papers": "list of object", "Note": "text"}
    assert goal.tasks["B"].enter[0].after == ("Papers gains a member", "Note is first known")


@pytest.mark.parametrize(
    ("text", "feel", "kind"),
    [
        ("${ok}", "ok", "boolean"),
        ("${value > 100}", "value > 100", "number"),
        ("${kind == 'new'}", 'kind = "new"', "text"),
        ("${caseExecution.getVariable('ok')}", "ok", "boolean"),
        ('answer.state == "done"', 'answer.state = "done"', "object"),
        ("count(papers) > 1", "count(papers) > 1", "list of text"),
    ],
)
def test_conditions_become_feel_and_what_they_read_becomes_facts(text: str, feel: str, kind: str) -> None:
    case = case_of(guarded(f"<ifPart>{condition(text)}</ifPart>"))
    assert case.goal.tasks["B"].enter[0].when == feel
    assert [fact.type for fact in case.goal.facts.values()] == [kind]
    assert case.findings == ()


def test_a_call_into_a_program_is_read_from_a_fact_and_told() -> None:
    case = case_of(guarded(f"<ifPart>{condition('${bean.isGood(x)}')}</ifPart>"))
    assert case.goal.tasks["B"].enter[0].when == "bean_isGood"
    assert case.goal.facts["bean_isGood"].type == "boolean"
    assert [one.effect for one in case.findings] == ["changed"]


def control(rule: str, text: str | None) -> str:
    return f"<itemControl><{rule}>{'' if text is None else condition(text)}</{rule}></itemControl>"


@pytest.mark.parametrize(("text", "read"), [(None, True), ("true", True), ("${false}", False), ("${must}", "must")])
def test_item_control_rules_are_constants_or_expressions(text: str | None, read: object) -> None:
    task = goal_of(TWO.format(control("requiredRule", text)) + TASKS).tasks["B"]
    assert task.required == read
    task = goal_of(TWO.format(control("manualActivationRule", text)) + TASKS).tasks["B"]
    assert task.manual == read


def test_a_default_control_holds_where_the_item_says_nothing() -> None:
    tasks = '<humanTask id="ta"><defaultControl><requiredRule/></defaultControl></humanTask><humanTask id="tb"/>'
    goal = goal_of(TWO.format("") + tasks)
    assert goal.tasks["A"].required is True
    assert goal.tasks["B"].required is False


def test_an_item_of_cmmn_1_0_is_started_by_hand_unless_it_says_otherwise() -> None:
    assert goal_of(TWO.format("") + TASKS, version="1.0").tasks["A"].manual is True
    rule = control("manualActivationRule", "false")
    assert goal_of(TWO.format(rule) + TASKS, version="1.0").tasks["B"].manual is False


def test_cmmn_1_0_names_sentries_in_attributes() -> None:
    inside = '<planItem id="a" definitionRef="ta" entryCriteriaRefs="s"/>'
    inside += f'<sentry id="s"><ifPart>{condition("${ok}")}</ifPart></sentry>'
    assert goal_of(inside + TASKS, version="1.0").tasks["a"].enter[0].when == "ok"


def test_a_repetition_is_asked_at_the_entry_where_there_are_criteria() -> None:
    guard = control("repetitionRule", None)
    assert goal_of(TWO.format(guard) + TASKS).tasks["B"].repeat_on == "ended"
    inside = guarded(ON_A.format("complete")).replace("<entryCriterion", f"{guard}<entryCriterion", 1)
    task = goal_of(inside).tasks["B"]
    assert (task.repeat, task.repeat_on) == ("true", "entered")


@pytest.mark.parametrize(
    ("text", "timer", "repeat"),
    [
        ("PT1H", '"PT1H"', None),
        ("R3/PT1H", '"PT1H"', "index < 3"),
        ("R/PT1H", '"PT1H"', "true"),
        ("2026-04-01T10:00:00Z", '"2026-04-01T10:00:00Z"', None),
        ("${due}", "due", None),
    ],
)
def test_timers_are_read_with_their_repetition(text: str, timer: str, repeat: str | None) -> None:
    inside = '<planItem id="t" name="T" definitionRef="d"/><timerEventListener id="d">'
    listener = goal_of(f"{inside}<timerExpression>{text}</timerExpression></timerEventListener>").listeners["T"]
    assert (listener.timer, listener.repeat) == (timer, repeat)


def test_a_start_trigger_says_when_a_timer_begins() -> None:
    inside = (
        '<planItem id="a" name="A" definitionRef="ta"/><planItem id="t" name="T" definitionRef="d"/>'
        '<timerEventListener id="d"><timerExpression>PT1H</timerExpression><planItemStartTrigger sourceRef="a">'
        "<standardEvent>complete</standardEvent></planItemStartTrigger></timerEventListener>"
    )
    assert goal_of(inside + TASKS).listeners["T"].starts == ("A",)


ROLES = '<caseRoles><role id="r" name="Lead"/></caseRoles>'


def test_planning_tables_are_read_with_roles_and_applicability() -> None:
    inside = (
        '<planningTable><discretionaryItem id="x" name="X" definitionRef="ta" applicabilityRuleRefs="rule"'
        f' authorizedRoleRefs="r"/><applicabilityRule id="rule">{condition("${ok}")}</applicabilityRule>'
        "</planningTable>"
    )
    case = case_of(inside + TASKS, ROLES)
    planned = case.goal.stages["Plan"].discretionary[0]
    assert (planned.item, planned.when, planned.roles) == ("X", "ok", ("Lead",))
    assert case.roles == {"Lead": "Lead"}


def test_tasks_say_who_does_them_and_what_they_call() -> None:
    inside = (
        '<planItem id="h" name="H" definitionRef="dh"/><planItem id="p" name="P" definitionRef="dp"/>'
        '<planItem id="c" name="C" definitionRef="dc"/><planItem id="s" name="S" definitionRef="ds"/>'
        '<humanTask id="dh" performerRef="r" isBlocking="false"/><processTask id="dp" processRef="x:order"/>'
        '<caseTask id="dc" caseRef="other"/><task id="ds" camunda:class="com.example.Send"/>'
    )
    tasks = goal_of(inside, ROLES).tasks
    assert (tasks["H"].kind, tasks["H"].role, tasks["H"].blocking) == ("human", "Lead", False)
    assert (tasks["P"].kind, tasks["P"].calls) == ("process", "order")
    assert (tasks["C"].kind, tasks["C"].calls) == ("case", "other")
    assert (tasks["S"].kind, tasks["S"].calls) == ("external", "com.example.Send")


def test_vendors_extensions_are_read_or_told() -> None:
    tasks = (
        '<humanTask id="ta" camunda:candidateGroups="sales,other" camunda:formKey="form1"/>'
        '<humanTask id="tb"><extensionElements><camunda:taskListener class="x"/></extensionElements></humanTask>'
    )
    case = case_of(TWO.format("") + tasks)
    assert case.goal.tasks["A"].role == "sales"
    assert "form1" in case.goal.tasks["A"].script
    assert [(one.effect, one.element) for one in case.findings] == [("no effect", "tb")]


def test_what_refers_to_nothing_makes_the_case_invalid() -> None:
    case = case_of('<planItem id="a" definitionRef="none"/>')
    assert "'none'" in str(case.invalid[0])


def test_a_stage_inside_itself_is_invalid() -> None:
    inside = '<planItem id="a" definitionRef="s"/><stage id="s"><planItem id="b" definitionRef="s"/></stage>'
    assert "inside itself" in str(case_of(inside).invalid[0])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no xml",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><definitions xmlns="http://www.omg.org/spec/CMMN/20151109/MODEL">&x;</definitions>',
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
    ],
)
def test_what_is_no_cmmn_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(CmmnFault) as fault:
        read_cmmn(data)
    assert str(fault.value)


def test_what_stands_in_for_an_expression_keeps_its_name_wherever_it_stands() -> None:
    inside = guarded(f"<ifPart>{condition('${a b c}')}</ifPart>")
    data = model(inside)
    first, moved = read_cmmn(data).cases[0].goal, read_cmmn(data.replace(b"><", b">\n<")).cases[0].goal
    assert first == moved
    assert first.tasks["B"].enter[0].when == "expression_1"


def test_what_is_not_in_the_plan_is_no_part_of_it() -> None:
    inside = TWO.format("") + TASKS + '<stage id="s"><planItem id="c" definitionRef="ta"/></stage>'
    assert set(goal_of(inside).tasks) == {"A", "B"}


def test_a_milestone_that_would_occur_without_end_occurs_once() -> None:
    inside = f'<planItem id="m" definitionRef="d">{control("repetitionRule", None)}</planItem><milestone id="d"/>'
    case = case_of(inside)
    assert case.goal.milestones["m"].repeat is None
    assert [one.effect for one in case.findings] == ["changed"]
