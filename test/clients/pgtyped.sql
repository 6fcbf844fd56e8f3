/* @name Overdue */
SELECT customer_id, currency, total_overdue_amount, minor_unit
FROM billing.report_invoice_summary
WHERE customer_id = :customer! ORDER BY currency;

/* @name Balance */
SELECT balance.customer_balance(:customer!)::text AS document;

/* @name AnswerOfError */
SELECT answer -> 'http_status_code' AS status, answer ->> 'body' AS body
FROM balance.error_body(:api!, :sqlstate!, :message!, :detail) AS answer;
