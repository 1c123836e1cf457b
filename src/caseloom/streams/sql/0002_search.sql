-- What people search for, one row a stream. The built-in dictionary `simple` needs no extension and treats all languages alike.
create table search_row (
    stream bigint primary key,
    kind text not null,
    customer bigint not null,
    team text not null,
    words text not null,
    terms tsvector generated always as (to_tsvector('simple', words)) stored
);
create index search_terms on search_row using gin (terms);
