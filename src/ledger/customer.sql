-- Customers who appear more than once.  C: customer.c

CREATE FUNCTION balance.customer_is_one(customers bigint, customer_id text, ledger text)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;

COMMENT ON FUNCTION balance.customer_is_one(bigint, text, text) IS
'True if customers, the number of rows of a ledger''s relation customer that have an id, is NULL '
'or not above 1; else raises 21000 naming the id and, if it is not NULL, the ledger. Report views '
'call it where they show a column of the customer''s, and top_debtors(): it could be either''s.';
