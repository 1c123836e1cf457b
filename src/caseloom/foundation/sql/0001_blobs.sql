-- Bytes (raw mail, attachments, archived letters), each sealed in chunks under the key of the person whose they are.
create table blob (
    id bigint primary key,
    person bigint not null,
    size bigint not null
);
create index blob_person on blob (person);

create table blob_chunk (
    blob bigint not null references blob on delete cascade,
    number integer not null,
    sealed bytea not null,
    primary key (blob, number)
);
-- What is sealed does not get smaller.
alter table blob_chunk alter column sealed set storage external;
