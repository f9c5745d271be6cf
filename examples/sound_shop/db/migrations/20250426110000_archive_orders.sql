-- migrate:up
set local lock_timeout = '2s';
alter table orders add column archived_at timestamptz;
alter table orders alter column status set default 'pending';
alter table orders alter column total_cents set default 0;

-- migrate:down
set local lock_timeout = '2s';
alter table orders drop column archived_at;
alter table orders alter column status drop default;
alter table orders alter column total_cents drop default;
