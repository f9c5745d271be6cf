-- migrate:up
alter table customers add column loyalty_tier text not null;

-- migrate:down
alter table customers drop column loyalty_tier;
