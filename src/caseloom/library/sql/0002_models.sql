-- The version of each decision model that a published definition decides by.
create table definition_model (
    definition bigint not null,
    version integer not null,
    model text not null,
    key text not null,
    model_version integer not null,
    primary key (definition, version, model)
);

create index definition_model_of on definition_model (key, version);
