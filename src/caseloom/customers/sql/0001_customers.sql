create table customer (
    id bigint primary key,
    name text not null,
    language text not null,
    segment text not null,
    since timestamptz not null,
    left_at timestamptz,
    merged_into bigint,
    erased boolean not null
);

-- An identity leads to one customer.
create table customer_identity (
    kind text not null,
    value text not null,
    customer bigint not null,
    primary key (kind, value)
);
create index customer_identity_customer on customer_identity (customer);
