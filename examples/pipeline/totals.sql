SELECT
  data ->> 'region' AS region,
  count(*) AS n,
  sum((data ->> 'amount')::numeric) AS amount
FROM orders
GROUP BY data ->> 'region'
