create table definition (
    id bigint primary key,
    key text not null unique,
    kind text not null,
    version integer not null,
    draft text not null,
    offered boolean not null
);

create table definition_version (
    definition bigint not null,
    version integer not null,
    key text not null,
    kind text not null,
    title text not null,
    text text not null,
    published_at timestamptz not null,
    published_by text not null,
    primary key (definition, version),
    unique (key, version)
);
