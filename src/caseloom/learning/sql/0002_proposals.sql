-- What people do otherwise than a definition says, as its owner is told. `body` is JSON: the finding, and the titles that may be
-- shown. `share` is how frequent it was when somebody decided, so that what is declined may come again when it has doubled.
create table learned_proposal (
    id bigint generated always as identity primary key,
    service_goal text not null,
    version integer not null,
    kind text not null,
    key text not null,
    found_at timestamptz not null,
    state text not null default 'new' check (state in ('new', 'later', 'declined', 'drafted')),
    decided_by text not null default '',
    decided_at timestamptz,
    reason text not null default '',
    share real not null default 0,
    body text not null,
    unique (service_goal, key)
);

-- How often people went on as was advised, week by week: `shown` steps were done while advice stood there, `first` of them were
-- what it named first, `among` what it named at all.
create table advice_followed (
    service_goal text not null,
    week date not null,
    shown integer not null,
    first integer not null,
    among integer not null,
    primary key (service_goal, week)
);
