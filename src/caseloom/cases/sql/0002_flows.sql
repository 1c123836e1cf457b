-- Where the tokens of running flows rest: what workers fetch, what messages and signals find. `heard` holds a digest for
-- each message and signal that the node waits for (cases/flow_rows.py), with spaces between.
create table flow_node (
    case_id bigint not null,
    flow integer not null,
    node integer not null,
    process text not null,
    element text not null,
    status text not null,
    item integer not null,
    topic text not null,
    worker text not null,
    until timestamptz,
    retries integer not null,
    heard text not null,
    note text not null,
    primary key (case_id, flow, node)
) with (fillfactor = 80);
create index flow_node_work on flow_node (topic, until nulls first, case_id) where topic <> '' and status = 'active';
create index flow_node_heard on flow_node using gin (string_to_array(heard, ' ')) where heard <> '';
create index flow_node_failed on flow_node (process, element) where status = 'failed';
