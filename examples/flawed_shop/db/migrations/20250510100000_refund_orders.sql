-- migrate:up
alter type order_status add value 'refunded';
update orders set status = 'refunded' where status = 'cancelled' and total_cents = 0;

-- migrate:down
update orders set status = 'cancelled' where status = 'refunded';
