-- Report views in a ledger.  C: report_views.c

CREATE FUNCTION balance.create_report_views(ledger regnamespace DEFAULT NULL)
RETURNS SETOF regclass
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;

COMMENT ON FUNCTION balance.create_report_views(regnamespace) IS
'Makes the report views of a ledger (the setting balance.ledger where it is NULL), or makes them '
'anew after its relations have changed, and returns those that it made: report_customer_balance, '
'report_invoice_summary, report_ageing, report_vcu_balance, report_customer_credits, '
'report_metrics, report_credit_expiry (where credit memos have expires_at), report_roll_forward '
'(where there are payments), and the whole book with a document for each customer, '
'book_customer_balance and book_invoice_summary, as far as the ledger has the relations that they '
'read. Reports show every row of these, also of ids that the ledger''s customer relation has not, '
'which only report_roll_forward and the book leave out. A condition on customer_id or currency '
'reads the rows that it names, so that rows whose currency is no code show as an error only where '
'there is none on currency, and in verify(); a join does not reach them, unless the ledger is '
'maintained: write customer_id = ANY (ARRAY(SELECT ...)), or LATERAL (SELECT * FROM the view WHERE '
'customer_id = c.customer_id OFFSET 0). What a row''s data raises in a view does not say which '
'row, nor in which ledger: verify() finds it. Where a line item names an invoice that is there '
'twice it is 21000, unless a unique index ruled that out when the views were made: check_ledger() '
'tells when one has come or gone. They belong to the caller, go when the extension is '
'dropped, read with the rights of whoever asks (security_invoker), and use now() and days of the '
'session''s TimeZone, or of the zone that create_report_views(zone, ledger) made them for, which '
'this function keeps. Where a query over them is sent to other servers, as Citus does, the former '
'raise 0A000: make them for a zone. One whose columns are of other types than before is dropped '
'first, and a NOTICE says that rights on it are gone. Raises 42P07 if something else has one of '
'these names, 42P01 if the ledger has none of the relations, 42703, 42804 or 42702 for a column '
'that is missing, mistyped or there in both units, 3F000 if there is no such ledger, 42501 without '
'the rights to make views and to read what they read, or for a setting of the caller''s as '
'customer_balance().';

CREATE FUNCTION balance.create_report_views(zone text, ledger regnamespace)
RETURNS SETOF regclass
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;

COMMENT ON FUNCTION balance.create_report_views(text, regnamespace) IS
'create_report_views(ledger) in days of a zone, a name as day_in() takes it (22023): the views '
'have it as a value, whoever asks and wherever the rows are, and their comments say it. A NULL '
'zone is the TimeZone of the session that asks. Errors are those of create_report_views(ledger).';

CREATE FUNCTION balance.drop_report_views(ledger regnamespace DEFAULT NULL)
RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000;

COMMENT ON FUNCTION balance.drop_report_views(regnamespace) IS
'Drops the report views of a ledger (the setting balance.ledger where it is NULL), so that what '
'they read may be altered, and returns how many there were; create_report_views() makes them '
'again, but grants on them are gone. What else has one of their names stays. Raises 2BP01 if '
'other views read them.';
