-- The order in which events can be followed without a gap: a transaction that is older than every one that still runs has
-- written all it will ever write, so what stands behind a place in this order never grows.
create index event_order on event (transaction, position);
drop index event_position;
