-- How much haste a case asks for: the highest priority of its open goals (0 low, 1 normal, 2 high, 3 urgent).
alter table case_row add column priority smallint not null default 1;
