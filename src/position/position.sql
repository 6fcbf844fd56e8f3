-- The position: type, group, order.  C: position*.c

CREATE TYPE balance.position;

CREATE FUNCTION balance.position_in(cstring)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_in(cstring) IS
'I/O: reads the text form, which depends on no setting. Bad text raises 22P02.';

CREATE FUNCTION balance.position_out(balance.position)
RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_out(balance.position) IS
'I/O: the text form, canonical and free of settings.';

CREATE FUNCTION balance.position_recv(internal)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_recv(internal) IS
'I/O: reads the binary form, which is versioned. Anything that is not canonical raises 22P03.';

CREATE FUNCTION balance.position_send(balance.position)
RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_send(balance.position) IS
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

-- the group

CREATE FUNCTION balance.position_add(balance.position, balance.position)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_add(balance.position, balance.position) IS
'Implementation of the + operator.';

CREATE FUNCTION balance.position_subtract(balance.position, balance.position)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_subtract(balance.position, balance.position) IS
'Implementation of the - operator.';

CREATE FUNCTION balance.position_negate(balance.position)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_negate(balance.position) IS
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

CREATE FUNCTION balance.position_eq(balance.position, balance.position)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_eq(balance.position, balance.position) IS
'Implementation of the = operator.';

CREATE FUNCTION balance.position_ne(balance.position, balance.position)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_ne(balance.position, balance.position) IS
'Implementation of the <> operator.';

CREATE FUNCTION balance.position_lt(balance.position, balance.position)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_lt(balance.position, balance.position) IS
'Implementation of the < operator.';

CREATE FUNCTION balance.position_le(balance.position, balance.position)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_le(balance.position, balance.position) IS
'Implementation of the <= operator.';

CREATE FUNCTION balance.position_gt(balance.position, balance.position)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_gt(balance.position, balance.position) IS
'Implementation of the > operator.';

CREATE FUNCTION balance.position_ge(balance.position, balance.position)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_ge(balance.position, balance.position) IS
'Implementation of the >= operator.';

CREATE FUNCTION balance.position_cmp(balance.position, balance.position)
RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_cmp(balance.position, balance.position) IS
'Less, equal or greater in the order of sorting, which has no meaning beyond that.';

CREATE FUNCTION balance.position_hash(balance.position)
RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_hash(balance.position) IS
'Hash.';

CREATE FUNCTION balance.position_hash_extended(balance.position, bigint)
RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_hash_extended(balance.position, bigint) IS
'Hash with a seed.';

CREATE OPERATOR balance.= (
	LEFTARG = balance.position, RIGHTARG = balance.position,
	FUNCTION = balance.position_eq,
	COMMUTATOR = OPERATOR(balance.=), NEGATOR = OPERATOR(balance.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR balance.= (balance.position, balance.position) IS
'Equal content, bit for bit.';

CREATE OPERATOR balance.<> (
	LEFTARG = balance.position, RIGHTARG = balance.position,
	FUNCTION = balance.position_ne,
	COMMUTATOR = OPERATOR(balance.<>), NEGATOR = OPERATOR(balance.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR balance.<> (balance.position, balance.position) IS
'Different content.';

CREATE OPERATOR balance.< (
	LEFTARG = balance.position, RIGHTARG = balance.position,
	FUNCTION = balance.position_lt,
	COMMUTATOR = OPERATOR(balance.>), NEGATOR = OPERATOR(balance.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR balance.< (balance.position, balance.position) IS
'Sorts before; the order has no other meaning.';

CREATE OPERATOR balance.<= (
	LEFTARG = balance.position, RIGHTARG = balance.position,
	FUNCTION = balance.position_le,
	COMMUTATOR = OPERATOR(balance.>=), NEGATOR = OPERATOR(balance.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR balance.<= (balance.position, balance.position) IS
'Sorts before or is equal; the order has no other meaning.';

CREATE OPERATOR balance.> (
	LEFTARG = balance.position, RIGHTARG = balance.position,
	FUNCTION = balance.position_gt,
	COMMUTATOR = OPERATOR(balance.<), NEGATOR = OPERATOR(balance.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR balance.> (balance.position, balance.position) IS
'Sorts after; the order has no other meaning.';

CREATE OPERATOR balance.>= (
	LEFTARG = balance.position, RIGHTARG = balance.position,
	FUNCTION = balance.position_ge,
	COMMUTATOR = OPERATOR(balance.<=), NEGATOR = OPERATOR(balance.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR balance.>= (balance.position, balance.position) IS
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

CREATE FUNCTION balance.position_to_jsonb(balance.position)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_to_jsonb(balance.position) IS
'Every cell of a position, by currency: rows, invoices, open_amounts by due (null is without a '
'due date), charges, deposits, units, credit_memos. Numbers are exact; rows whose amount was NULL '
'are counted in fields unknown_*.';

CREATE CAST (balance.position AS jsonb)
WITH FUNCTION balance.position_to_jsonb(balance.position);
COMMENT ON CAST (balance.position AS jsonb) IS
'Every cell of a position, see balance.position_to_jsonb().';

-- what all the aggregates share

CREATE FUNCTION balance.position_combine(balance.position, balance.position)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_combine(balance.position, balance.position) IS
'Aggregate combine function: adds a partial state; NULL is the empty one.';

CREATE FUNCTION balance.position_final(balance.position)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION balance.position_final(balance.position) IS
'Aggregate final function: the canonical position; of no rows, the empty one.';

CREATE FUNCTION balance.merge_add(balance.position, balance.position)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION balance.merge_add(balance.position, balance.position) IS
'Aggregate transition function of merge(position).';

CREATE FUNCTION balance.merge_remove(balance.position, balance.position)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION balance.merge_remove(balance.position, balance.position) IS
'Aggregate inverse transition function of merge(position).';

-- SSPACE: a guess at positions of all kinds, never measured
CREATE AGGREGATE balance.merge(balance.position) (
	SFUNC = balance.merge_add, STYPE = balance.position, SSPACE = 2048,
	FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = balance.position_combine,
	MSFUNC = balance.merge_add, MINVFUNC = balance.merge_remove,
	MSTYPE = balance.position, MSSPACE = 2048,
	MFINALFUNC = balance.position_final, MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE balance.merge(balance.position) IS
'Sum of positions, exact and in any order. NULLs are passed over; of no rows, the empty position.';
