-- How the intake read each message: what opens by itself can be looked through, and counted by what became of it.
create table contact_reading (
    contact bigint primary key,
    case_id bigint,
    at timestamptz not null,
    verdict text not null,
    model text not null,
    goal text not null,
    permille smallint not null
);
create index contact_reading_goal on contact_reading (goal, at desc);
create index contact_reading_case on contact_reading (case_id);
