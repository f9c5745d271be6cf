-- migrate:up
alter table customers drop column phone;

-- migrate:down
alter table customers add column phone text;
