-- The position: type, group, order.  C: position*.c

CREATE TYPE balance.position;

-- FUNCTION(position_in(cstring); balance.position; IMMUTABLE STRICT)
'I/O: reads the text form, which depends on no setting. Bad text raises 22P02.';

-- FUNCTION(position_out(balance.position); cstring; IMMUTABLE STRICT)
'I/O: the text form, canonical and free of settings.';

-- FUNCTION(position_recv(internal); balance.position; IMMUTABLE STRICT)
'I/O: reads the binary form, which is versioned. Anything that is not canonical raises 22P03.';

-- FUNCTION(position_send(balance.position); bytea; IMMUTABLE STRICT)
'I/O: the binary form, the same on every machine.';

CREATE TYPE balance.position (
	INPUT = balance.position_in,
	OUTPUT = balance.position_out,
	RECEIVE = balance.position_recv,
	SEND = balance.position_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);

COMMENT ON TYPE balance.position IS
'What a customer, a tenant or a whole book owes and holds, per currency, exactly. Positions form '
'a group: they add, subtract and negate cell by cell. Text and binary input and output '
'round-trip; equal content has one form. Amounts are in major units, those of credit memos in '
'minor units.';

-- FUNCTION(position_from_packed(packed bytea); balance.position; IMMUTABLE STRICT)
'A position from the bytes that are stored of it, as in the column "position" of balance_store: '
'the packed form of any version, with texts in the encoding of the database, while '
'position_send() has them in UTF-8. Raises XX001 for bytes that are none, 0A000 for those of a '
'later version.';

-- the group

-- FUNCTION(position_add(balance.position, balance.position); balance.position; IMMUTABLE STRICT)
'Implementation of the + operator.';

-- FUNCTION(position_subtract(balance.position, balance.position); balance.position; IMMUTABLE
--	STRICT)
'Implementation of the - operator.';

-- FUNCTION(position_negate(balance.position); balance.position; IMMUTABLE STRICT)
'Implementation of the unary - operator.';

CREATE OPERATOR balance.+ (
	LEFTARG = balance.position, RIGHTARG = balance.position,
	FUNCTION = balance.position_add, COMMUTATOR = OPERATOR(balance.+)
);
COMMENT ON OPERATOR balance.+ (balance.position, balance.position) IS
'Sum of two positions, cell by cell, exact. Past the range of numeric or of a bigint count: 22003.';

CREATE OPERATOR balance.- (
	LEFTARG = balance.position, RIGHTARG = balance.position,
	FUNCTION = balance.position_subtract
);
COMMENT ON OPERATOR balance.- (balance.position, balance.position) IS
'Difference of two positions, cell by cell, exact; counts may be negative. a + b - b = a.';

CREATE OPERATOR balance.- (
	RIGHTARG = balance.position,
	FUNCTION = balance.position_negate
);
COMMENT ON OPERATOR balance.- (NONE, balance.position) IS
'The position with every count and sum negated.';

-- equality, and an order for sorting and DISTINCT

-- DEFINE COMPARISON(name; operator; commutator; negator; properties)
CREATE FUNCTION balance.{name}(balance.position, balance.position)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.{name}(balance.position, balance.position) IS
'Implementation of the {operator} operator.';

CREATE OPERATOR balance.{operator} (
	LEFTARG = balance.position, RIGHTARG = balance.position, FUNCTION = balance.{name},
	COMMUTATOR = OPERATOR(balance.{commutator}), NEGATOR = OPERATOR(balance.{negator}),
	{properties}
);

COMMENT ON OPERATOR balance.{operator} (balance.position, balance.position) IS
-- END

-- FUNCTION(position_cmp(balance.position, balance.position); integer; IMMUTABLE STRICT)
'Less, equal or greater in the order of sorting, which has no meaning beyond that.';

-- FUNCTION(position_hash(balance.position); integer; IMMUTABLE STRICT)
'Hash.';

-- FUNCTION(position_hash_extended(balance.position, bigint); bigint; IMMUTABLE STRICT)
'Hash with a seed.';

-- COMPARISON(position_eq; =; =; <>; RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES)
'Equal content, bit for bit.';

-- COMPARISON(position_ne; <>; <>; =; RESTRICT = neqsel, JOIN = neqjoinsel)
'Different content.';

-- COMPARISON(position_lt; <; >; >=; RESTRICT = scalarltsel, JOIN = scalarltjoinsel)
'Sorts before; the order has no other meaning.';

-- COMPARISON(position_le; <=; >=; >; RESTRICT = scalarlesel, JOIN = scalarlejoinsel)
'Sorts before or is equal; the order has no other meaning.';

-- COMPARISON(position_gt; >; <; <=; RESTRICT = scalargtsel, JOIN = scalargtjoinsel)
'Sorts after; the order has no other meaning.';

-- COMPARISON(position_ge; >=; <=; <; RESTRICT = scalargesel, JOIN = scalargejoinsel)
'Sorts after or is equal; the order has no other meaning.';

CREATE OPERATOR CLASS balance.position_ops
DEFAULT FOR TYPE balance.position USING btree AS
	OPERATOR 1 balance.<, OPERATOR 2 balance.<=, OPERATOR 3 balance.=,
	OPERATOR 4 balance.>=, OPERATOR 5 balance.>,
	FUNCTION 1 balance.position_cmp(balance.position, balance.position);
COMMENT ON OPERATOR CLASS balance.position_ops USING btree IS
'Sorting and DISTINCT of positions.';

CREATE OPERATOR CLASS balance.position_ops
DEFAULT FOR TYPE balance.position USING hash AS
	OPERATOR 1 balance.=,
	FUNCTION 1 balance.position_hash(balance.position),
	FUNCTION 2 balance.position_hash_extended(balance.position, bigint);
COMMENT ON OPERATOR CLASS balance.position_ops USING hash IS
'Hashing of positions.';

-- every cell, as jsonb

-- FUNCTION(position_to_jsonb(balance.position); jsonb; IMMUTABLE STRICT)
'Every cell of a position, by currency: rows, invoices, open_amounts by due (null is without a '
'due date), charges, deposits, units, credit_memos. Numbers are exact; rows whose amount was NULL '
'are counted in fields unknown_*.';

CREATE CAST (balance.position AS jsonb)
WITH FUNCTION balance.position_to_jsonb(balance.position);
COMMENT ON CAST (balance.position AS jsonb) IS
'Every cell of a position, see balance.position_to_jsonb().';

-- what all the aggregates share

-- DEFINE AGGREGATE(name; symbol; cost; sspace; types; arguments)
CREATE FUNCTION balance.{name}_add(balance.position, {types})
RETURNS balance.position
AS 'MODULE_PATHNAME', '{symbol}_add' LANGUAGE C IMMUTABLE PARALLEL SAFE COST {cost};

COMMENT ON FUNCTION balance.{name}_add(balance.position, {types}) IS
'Aggregate transition function of {name}({types}).';

CREATE FUNCTION balance.{name}_remove(balance.position, {types})
RETURNS balance.position
AS 'MODULE_PATHNAME', '{symbol}_remove' LANGUAGE C IMMUTABLE PARALLEL SAFE COST {cost};

COMMENT ON FUNCTION balance.{name}_remove(balance.position, {types}) IS
'Aggregate inverse transition function of {name}({types}).';

CREATE AGGREGATE balance.{name}({arguments}) (
	SFUNC = balance.{name}_add, STYPE = balance.position, SSPACE = {sspace},
	FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = balance.position_combine,
	MSFUNC = balance.{name}_add, MINVFUNC = balance.{name}_remove,
	MSTYPE = balance.position, MSSPACE = {sspace},
	MFINALFUNC = balance.position_final, MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE balance.{name}({types}) IS
-- END

-- FUNCTION(position_combine(balance.position, balance.position); balance.position; IMMUTABLE)
'Aggregate combine function: adds a partial state; NULL is the empty one.';

-- FUNCTION(position_final(balance.position); balance.position; IMMUTABLE)
'Aggregate final function: the canonical position; of no rows, the empty one.';

-- SSPACE: a guess at positions of all kinds, never measured
-- AGGREGATE(merge; merge; 1; 2048; balance.position; balance.position)
'Sum of positions, exact and in any order. NULLs are passed over; of no rows, the empty position.';
