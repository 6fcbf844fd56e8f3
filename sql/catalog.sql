-- What the catalogue must say of every object, now and in the future.
SET search_path = balance, pg_catalog;
CREATE TEMP VIEW members AS
SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
WHERE e.extname = 'balance' AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';
CREATE TEMP VIEW functions AS
SELECT p.* FROM pg_proc p JOIN members m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid;

-- all aggregates: a combine function, a real state type, parallel safe, no polymorphic or missing
-- argument, moving mode
SELECT p.oid::regprocedure AS aggregate, a.aggcombinefn <> 0 AS combines, a.aggtranstype::regtype
	AS state, t.typtype = 'b' AS base_type,
       p.proparallel, a.aggminvtransfn <> 0 AS slides, a.aggmtranstype = a.aggtranstype
       	AS same_state, a.aggfinalmodify, p.prorettype::regtype AS result, a.agginitval
FROM functions p JOIN pg_aggregate a ON a.aggfnoid = p.oid JOIN pg_type t ON t.oid = a.aggtranstype
	ORDER BY p.oid::regprocedure::text COLLATE "C";
SELECT count(*) AS polymorphic_or_no_argument FROM functions p
	JOIN pg_aggregate a ON a.aggfnoid = p.oid
WHERE p.pronargs = 0 OR p.provariadic <> 0 OR EXISTS (SELECT FROM unnest(p.proargtypes) t(oid)
	JOIN pg_type ty ON ty.oid = t.oid WHERE ty.typtype = 'p');
-- none has a name that Citus takes for a built-in of its own
SELECT count(*) FROM functions p JOIN pg_aggregate a ON a.aggfnoid = p.oid
WHERE p.proname IN ('avg', 'min', 'max', 'sum', 'count', 'array_agg', 'jsonb_agg',
	'jsonb_object_agg', 'json_agg', 'json_object_agg', 'bit_and', 'bit_or', 'bool_and', 'bool_or',
	'every', 'any_value');
-- forward and inverse transitions are both non-strict, as PostgreSQL wants it
SELECT count(*) FROM functions p JOIN pg_aggregate a ON a.aggfnoid = p.oid
	JOIN pg_proc f ON f.oid = a.aggmtransfn JOIN pg_proc i ON i.oid = a.aggminvtransfn
	WHERE f.proisstrict OR i.proisstrict;

-- labels: nothing but the documents and create_ledger looks at anything outside of its arguments
SELECT provolatile, proparallel, count(*) > 0 AS some, string_agg(DISTINCT proname, ' ')
	FILTER (WHERE provolatile <> 'i') AS which FROM functions GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) AS security_definer FROM functions WHERE prosecdef;
SELECT p.oid::regprocedure AS special, l.lanname, p.proconfig FROM functions p
	JOIN pg_language l ON l.oid = p.prolang
WHERE l.lanname NOT IN ('c', 'internal') OR p.proconfig IS NOT NULL;

-- everything is commented, executable by everyone, and in the schema balance
SELECT count(*) AS uncommented FROM members m
	WHERE obj_description(m.objid, (SELECT relname FROM pg_class WHERE oid = m.classid)) IS NULL
 AND NOT (m.classid = 'pg_type'::regclass AND m.objid = (SELECT typarray FROM pg_type
 	WHERE oid = 'balance.position'::regtype)) AND m.classid <> 'pg_opfamily'::regclass;
SELECT count(*) AS closed FROM functions
	WHERE NOT has_function_privilege('pg_read_all_data', oid, 'EXECUTE');
SELECT has_schema_privilege('pg_read_all_data', 'balance', 'USAGE') AS open_schema;
SELECT count(*) AS elsewhere FROM functions WHERE pronamespace <> 'balance'::regnamespace;
-- the extension owns no relation at all: it has no data to lose
SELECT count(*) AS relations FROM members WHERE classid = 'pg_class'::regclass;

-- the type has both forms and both operator classes
SELECT typinput, typoutput, typreceive, typsend, typalign, typstorage, typlen FROM pg_type
	WHERE oid = 'balance.position'::regtype;
SELECT amname, opcname, opcdefault FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod
	WHERE opcintype = 'balance.position'::regtype ORDER BY 1;

-- the operator classes are complete
SELECT amvalidate(o.oid) FROM pg_opclass o WHERE opcintype = 'balance.position'::regtype;
DROP VIEW functions, members;
