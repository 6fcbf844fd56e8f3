-- The vocabulary.
SET search_path = balance, public;

-- every word of the contract, and its class
SELECT invoice_class(w, NULL) AS class, string_agg(w, ' ' ORDER BY n)
FROM unnest('{voided,void,canceled,cancelled,cancel,deleted,reversed,skipped,written_off,
	 uncollectible,paid,refunded,partially_refunded,marked_as_paid,auto_paid,settled,draft,
	 pending_validation,scheduled,finalized,open,issued,sent,viewed,posted,approved,authorized,
	 authorised,overdue,past_due,due,payment_due,unpaid,not_paid,partially_paid,partly_paid,
	 partial}'::text[])
     WITH ORDINALITY AS v(w, n) GROUP BY 1 ORDER BY min(n);
SELECT invoice_class(NULL, NULL);
SELECT invoice_class('open', w) AS class, string_agg(w, ' ' ORDER BY n)
FROM unnest('{succeeded,paid,overpaid,refunded,partially_refunded,none,initiated,pending,processing,
	 in_payment,authorized,requires_action,failed,voided,unpaid,not_paid,partially_paid,partly_paid,
	 partial,disputed,dispute_lost,charged_back}'::text[])
     WITH ORDINALITY AS v(w, n) GROUP BY 1 ORDER BY min(n);

-- the first class that fits: void before paid, paid before draft and open
SELECT s, p, invoice_class(s, p)
FROM (VALUES ('void'), ('deleted'), ('paid'), ('refunded'), ('draft'), ('scheduled'), ('open'),
	('past_due'), (NULL)) i(s),
     (VALUES ('succeeded'), ('failed'), ('voided'), ('dispute_lost'), (NULL)) t(p);

-- case and separators do not matter
SELECT DISTINCT invoice_class(w, 'Partially-Refunded')
FROM unnest(ARRAY['PENDING_VALIDATION', 'pending-validation', 'Pending Validation',
	' pendingValidation ', 'pending__validation']) w;
SELECT DISTINCT invoice_class(w, NULL)
	FROM unnest(ARRAY['PartiallyRefunded', 'MARKED AS PAID', 'AutoPaid']) w;
SELECT DISTINCT invoice_class(w, NULL)
	FROM unnest(ARRAY['PAST DUE', 'pastDue', 'Payment Due', 'PARTLY PAID', 'Not-Paid']) w;
SELECT DISTINCT invoice_class(w, NULL)
	FROM unnest(ARRAY['WRITTEN OFF', 'written-off', 'Written_Off']) w;

-- anything else is an error that names the word, the column and the accepted ones
SELECT invoice_class('closed', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT invoice_class('void', 'bogus');
SELECT invoice_class('', NULL);
SELECT invoice_class('_', NULL);
SELECT invoice_class('pаid', NULL);
SELECT invoice_class(repeat('öpen', 100), NULL);
SELECT invoice_class('open' || chr(9), NULL);
SELECT invoice_class('overpaid', NULL);
-- what means one thing here and another there is one for the ledger's view to say
SELECT known_status(v, w) AS known, string_agg(w, ' ')
FROM unnest('{closed,completed,complete,submitted,pending,processing,active,inactive,new,archived,
	 failed,disputed,charged_back,credited}'::text[]) w,
	(VALUES ('invoice_status')) t(v) GROUP BY 1;
SELECT known_status('payment_status', w) AS known, string_agg(w, ' ')
FROM unnest('{closed,completed,complete,submitted,open,void,canceled,overdue,posted,viewed,reversed,
	 settled}'::text[]) w GROUP BY 1;

SELECT credit_memo_class(w) AS class, string_agg(w, ' ' ORDER BY n)
FROM unnest('{draft,issued,partially_applied,PARTIALLY-APPLIED,fully_applied,applied,void,
	 voided}'::text[])
     WITH ORDINALITY AS v(w, n) GROUP BY 1 ORDER BY min(n);
SELECT credit_memo_class(NULL), credit_memo_class('open');

SELECT unit_invoice_class(w) AS class, string_agg(w, ' ' ORDER BY n)
FROM unnest('{Pending,Overdue,Paid,Cancelled,canceled,Refunded}'::text[]) WITH ORDINALITY AS v(w, n)
	GROUP BY 1 ORDER BY min(n);
SELECT unit_invoice_class('issued');

SELECT w, unit_order_class(w, false), unit_order_class(w, true), unit_order_class(w, NULL)
FROM unnest('{Issued,Billed,Paid,Cancelled,Canceled,Refunded}'::text[]) w;
SELECT unit_order_class(NULL, true);
SELECT unit_order_class('pending', false);

-- an index has what is unpaid, and what may be as nobody knows the word
SELECT may_be_unpaid(s, p) AS may_be, string_agg(DISTINCT concat_ws('/', s, p), ' ') AS words
FROM unnest('{draft,open,paid,void,bogus,NULL}'::text[]) s,
	unnest('{pending,paid,bogus,NULL}'::text[]) p
GROUP BY 1 ORDER BY 1;
SELECT may_be_unpaid(NULL, NULL),
	may_be_unpaid(s, p) IS DISTINCT FROM (invoice_class(s, p) IN ('draft', 'open')) AS differs
FROM unnest('{draft,OPEN,paid,void,NULL}'::text[]) s,
	unnest('{pending,PAID,refunded,NULL}'::text[]) p
GROUP BY 2;
