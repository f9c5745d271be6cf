SELECT id, email
FROM customers
WHERE id::text = '4711';
