-- migrate:up
update orders set status = 'refunded' where status = 'cancelled' and total_cents = 0;

-- migrate:down
update orders set status = 'cancelled' where status = 'refunded';
