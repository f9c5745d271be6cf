SELECT id, total_cents FROM orders WHERE customer_id = 4711 ORDER BY placed_at DESC LIMIT 20;

SELECT count(*) FROM orders WHERE status = 'open';

SELECT o.id, i.product_id, i.quantity
FROM orders o JOIN order_items i ON i.order_id = o.id
WHERE o.customer_id = 815;

SELECT order_id, quantity FROM order_items WHERE product_id = 4242;

UPDATE orders SET status = 'sent' WHERE id = 12345;
