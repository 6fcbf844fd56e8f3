-- Customers who appear more than once.  C: customer.c

-- FUNCTION(customer_is_one(customers bigint, customer_id text, ledger text); boolean;
--	IMMUTABLE PARALLEL SAFE COST 1)
'True if customers, the number of rows of a ledger''s relation customer that have an id, is NULL '
'or not above 1; else raises 21000 naming the id and, if it is not NULL, the ledger. Report views '
'call it where they show a column of the customer''s, and top_debtors(): it could be either''s.';
