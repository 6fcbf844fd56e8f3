/*-------------------------------------------------------------------------
 *
 * identifier.h
 *	  Columns with ids.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_LEDGER_IDENTIFIER_H
#define BALANCE_LEDGER_IDENTIFIER_H

#include "compat.h"

#include "ledger.h"

/* How a column tells ids apart. */
typedef enum IdKind
{
	ID_TEXT,					/* text and varchar, byte by byte */
	ID_CHAR,
	ID_NAME,
	ID_ENUM,
	ID_INTEGER,
	ID_NUMERIC,
	ID_UUID,
	ID_COARSE					/* by rules under which texts that differ are
								 * equal */
} IdKind;

/* A column with ids, and all that decides how they compare. */
typedef struct IdColumn
{
	const LedgerRelation *relation;
	const char *name;
	Oid			type;			/* without domains */
	Oid			collation;		/* InvalidOid if the type has none */
	IdKind		kind;
} IdColumn;

extern IdColumn id_column(const LedgerRelation *relation, const char *name);
extern bool ids_agree(IdColumn a, IdColumn b);
extern Oid	equality_operator(Oid type, const char **name);
extern const char *collate_as(IdColumn id);
extern const char *bare_id(IdColumn id);
extern const char *id_text(IdColumn id);
extern const char *id_respelled(IdColumn to, const char *text, bool exact);

extern bool ledger_is_identifier(const LedgerRelation *relation,
								 const char *column);
extern const char *ledger_id_type(const LedgerRelation *relation,
								  const char *column);
extern bool ledger_ids_agree(const LedgerRelation *a, const char *a_column,
							 const LedgerRelation *b, const char *b_column);
extern bool ledger_is_coarse(const LedgerRelation *relation, const char *column);
extern const char *ledger_id_text(const LedgerRelation *relation,
								  const char *column);
extern const char *ledger_id_value(const LedgerRelation *relation,
								   const char *column,
								   const LedgerRelation *collation);

#endif							/* BALANCE_LEDGER_IDENTIFIER_H */
