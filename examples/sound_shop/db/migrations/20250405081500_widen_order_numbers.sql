-- migrate:up
-- Changing the type in place rewrites the table. A second column beside the old one does not: new rows fill
-- both, a job fills the old ones in small batches, and a later release reads and then drops the old column.
set local lock_timeout = '2s';
alter table orders add column long_number bigint;

create function orders_fill_long_number() returns trigger language plpgsql as $$
begin
    new.long_number := new.number;
    return new;
end
$$;

create trigger orders_fill_long_number before insert or update of number on orders
    for each row execute function orders_fill_long_number();

-- migrate:down
set local lock_timeout = '2s';
drop trigger orders_fill_long_number on orders;
drop function orders_fill_long_number();
alter table orders drop column long_number;
