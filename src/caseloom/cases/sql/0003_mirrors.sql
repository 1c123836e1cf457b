-- Goals that stand for a goal of another case: by them the owner finds who is to be told.
create table goal_mirror (
  case_id bigint not null,
  goal integer not null,
  owner bigint not null,
  owner_goal integer not null,
  version integer not null,
  primary key (case_id, goal)
);
create index goal_mirror_owner on goal_mirror (owner, owner_goal, case_id);
