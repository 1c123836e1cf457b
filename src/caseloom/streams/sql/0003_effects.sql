-- begun: a worker has taken it and has not acted outside. started: the outside act is under way. again: failed for a passing reason.
-- unknown: nobody can tell whether it happened. done, failed: final.
-- `uncertain` counts the acts of which nobody can tell whether they happened.
alter table effect drop constraint effect_state_check;
alter table effect add constraint effect_state_check
    check (state in ('begun', 'started', 'again', 'done', 'unknown', 'failed'));
alter table effect add column uncertain integer not null default 0;
