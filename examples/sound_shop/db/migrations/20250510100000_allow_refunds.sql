-- migrate:up transaction:false
-- PostgreSQL cannot take a value out of an enum again, so this file has no way down.
alter type order_status add value if not exists 'refunded';
