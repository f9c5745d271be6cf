-- migrate:up
-- A constant default is stored once in the catalog: no row is touched, and rows that exist satisfy NOT NULL.
set local lock_timeout = '2s';
alter table customers add column loyalty_tier text not null default 'standard';

-- migrate:down
set local lock_timeout = '2s';
alter table customers drop column loyalty_tier;
