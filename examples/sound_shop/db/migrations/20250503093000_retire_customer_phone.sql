-- migrate:up
-- Nothing reads the column any more; it is dropped when no running release writes it and its values are kept.
comment on column customers.phone is 'retired: not read since release 42';

-- migrate:down
comment on column customers.phone is null;
