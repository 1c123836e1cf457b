-- The worklist by priority: `haste` counts down from the highest (0 urgent, 1 high, 2 normal, 3 low), so that one order
-- of rows serves it together with the deadline. `parent` is the case that asked for this one; 0 for none.
alter table work_row add column haste smallint not null default 2;
update work_row w set haste = 3 - c.priority from case_row c where c.id = w.case_id and c.priority <> 1;
create index work_haste on work_row (team, haste, due, case_id);
create index work_haste_all on work_row (haste, due, case_id);
alter table case_row add column parent bigint not null default 0;
