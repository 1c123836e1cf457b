-- What knowledge may help in an open case, as `knowledge.Ranking`. Made anew from events and articles, so it can be dropped at any time.
create table knowledge_row (
    case_id bigint primary key,
    at timestamptz not null,
    body text not null
);

-- What is often asked in cases of a service goal and nothing helps with, as `knowledge.Gaps`. Nothing personal.
create table knowledge_gap (
    service_goal text primary key,
    at timestamptz not null,
    body text not null
);
