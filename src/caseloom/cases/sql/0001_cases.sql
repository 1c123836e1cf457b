-- One row a case: what lists and figures ask for. `due` is the next deadline of an open goal.
create table case_row (
    id bigint primary key,
    customer bigint not null,
    service_goal text not null,
    version integer not null,
    title text not null,
    status text not null,
    channel text not null,
    owner text not null,
    team text not null,
    waits_for text not null,
    waiting_since timestamptz,
    opened_at timestamptz not null,
    contact_at timestamptz not null,
    ended_at timestamptz,
    due timestamptz,
    due_goal text not null,
    late boolean not null,
    perception smallint,
    unanswered smallint not null,
    contacts_in integer not null,
    contacts_out integer not null,
    hand_overs integer not null,
    confirmed boolean not null,
    updated_at timestamptz not null
) with (fillfactor = 80);
create index case_customer on case_row (customer, id desc);
create index case_ended on case_row (ended_at) where ended_at is not null;
create index case_open on case_row (opened_at) where ended_at is null;

-- The worklist: one row for each team that has work in an open case.
create table work_row (
    case_id bigint not null,
    team text not null,
    assignee text not null,
    due timestamptz not null,
    waits_for text not null,
    perception smallint not null,
    service_goal text not null,
    primary key (case_id, team)
) with (fillfactor = 80);
create index work_team on work_row (team, due, case_id);
create index work_assignee on work_row (assignee, due, case_id) where assignee <> '';
create index work_unassigned on work_row (team, due, case_id) where assignee = '';
create index work_waiting on work_row (team, due, case_id) where waits_for <> 'us';
create index work_due on work_row (due, case_id);
create index work_perception on work_row (team, perception, case_id);

create table goal_row (
    case_id bigint not null,
    goal integer not null,
    key text not null,
    title text not null,
    need text not null,
    status text not null,
    late boolean not null,
    timed boolean not null,
    due timestamptz,
    opened_at timestamptz,
    ended_at timestamptz,
    primary key (case_id, goal)
);
create index goal_ended on goal_row (ended_at) where ended_at is not null;

-- Tasks, finished ones too: a command that names one (reset) finds it here.
create table task_row (
    case_id bigint not null,
    item integer not null,
    key text not null,
    status text not null,
    team text not null,
    assignee text not null,
    done_by text not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    body bytea not null,
    primary key (case_id, item)
);

create table case_contact (
    case_id bigint not null,
    contact bigint not null,
    channel text not null,
    direction text not null,
    automatic boolean not null,
    at timestamptz not null,
    primary key (case_id, contact)
);
create index case_contact_contact on case_contact (contact);

create table promise_row (
    case_id bigint not null,
    promise integer not null,
    text text not null,
    due timestamptz not null,
    status text not null,
    primary key (case_id, promise)
);

create table perception_row (
    case_id bigint not null,
    version integer not null,
    score smallint not null,
    goal text not null,
    words text not null,
    at timestamptz not null,
    primary key (case_id, version)
);
create index perception_at on perception_row (at);

-- What roles and teams were told.
create table notice_row (
    case_id bigint not null,
    version integer not null,
    whom text not null,
    says text not null,
    at timestamptz not null,
    primary key (case_id, version)
);
create index notice_whom on notice_row (whom, at desc);
