-- One row a stream: its version and snapshot. Wide rows stay inline (no TOAST below 8 kB), so a step reads and writes one tuple.
create sequence stream_id_seq as bigint start 1024 increment 64;

create table stream (
    id bigint primary key,
    kind smallint not null,
    shape smallint not null,
    version integer not null,
    person bigint not null,
    head bytea not null,
    snapshot bytea not null
) with (fillfactor = 50, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.05);
alter table stream alter column snapshot set storage external;
create index stream_person on stream (person);
create index stream_kind on stream (kind, id);

-- What happened, for ever. `data` is MessagePack without personal fields, which stand in `sealed` under the person's key.
-- `position` with `transaction` gives readers a gap-free order (read below pg_snapshot_xmin).
create table event (
    stream bigint not null,
    version integer not null,
    position bigint generated always as identity,
    transaction xid8 not null default pg_current_xact_id(),
    at timestamptz not null,
    type text not null,
    actor text not null,
    person bigint not null,
    data bytea not null,
    sealed bytea,
    head bytea not null,
    command uuid,
    primary key (stream, version)
);
create unique index event_command on event (command) where command is not null;
create index event_position on event (position);
create index event_person on event (person) where sealed is not null;

-- A person's data key, wrapped by the master key. A null key is an erased person: nothing of theirs is sealed or read again.
create table person_key (
    person bigint primary key,
    key bytea
);

create table timer (
    stream bigint not null,
    name text not null,
    due timestamptz not null,
    primary key (stream, name)
);
create index timer_due on timer (due);

-- What is done outside, so that a repeated job knows how far the one before it came.
create table effect (
    stream bigint not null,
    version integer not null,
    attempt integer not null,
    state text not null check (state in ('started', 'done', 'unknown', 'failed')),
    at timestamptz not null,
    detail text not null default '',
    primary key (stream, version)
);
create index effect_open on effect (at) where state in ('started', 'unknown');
