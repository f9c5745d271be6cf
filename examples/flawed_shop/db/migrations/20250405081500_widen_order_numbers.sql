-- migrate:up
alter table orders alter column number type bigint;

-- migrate:down
alter table orders alter column number type integer;
