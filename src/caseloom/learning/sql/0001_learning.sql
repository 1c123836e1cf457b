-- What was learned, in versions: the newest that was not rolled back is in force. `reached` is how far the events had been followed.
create table learned_model (
    id bigint generated always as identity primary key,
    name text not null,
    version integer not null,
    made_at timestamptz not null,
    state text not null default 'active' check (state in ('active', 'rolled back')),
    figures text not null default '{}',
    reached_transaction bigint not null,
    reached_position bigint not null,
    body bytea not null,
    unique (name, version)
);

-- What is advised in an open case, as it stood at `version`. Made anew from what was learned, so it can be dropped at any time.
create table advice_row (
    case_id bigint primary key,
    version integer not null,
    at timestamptz not null,
    model text not null,
    risk smallint,
    body text not null
);
create index advice_risk on advice_row (risk desc nulls last, case_id);

-- What an old system's event log tells, brought in to learn from. `body` is MessagePack, compressed; nothing of it is a case of ours.
create table imported_log (
    id bigint generated always as identity primary key,
    name text not null unique,
    service_goal text not null,
    made_at timestamptz not null,
    events integer not null,
    cases integer not null,
    state text not null default 'kept' check (state in ('kept', 'to forget')),
    body bytea not null
);
