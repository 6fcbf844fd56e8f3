/*-------------------------------------------------------------------------
 *
 * marker.c
 *	  What says for which state of the catalogue a store counts.
 *
 *-------------------------------------------------------------------------
 */
#include "maintenance.h"
#include "history.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "ledger/template.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"

/* ---- reading ---- */

/* What the marker says of a relation in a snapshot; nothing if a column of it is NULL. */
Marker
read_marker(Oid schema, const KeptRelation *kept, Snapshot snapshot)
{
	Oid			relid = find_marker(schema);
	Marker		marker = {.found = false};
	Relation	relation;
	Oid			index;
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;

	if (!OidIsValid(relid))
		return marker;
	relation = table_open(relid, AccessShareLock);
	index = primary_key_index(relation);
	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_TEXTEQ, CStringGetTextDatum(kept->name));
	scan = systable_beginscan(relation, index, OidIsValid(index), snapshot, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		HeapTuple	copy = heap_copytuple(tuple);
		Datum		values[NUM_MARKER_COLUMNS];
		bool		is_whole = true;

		for (int i = 0; i < NUM_MARKER_COLUMNS; i++)
		{
			bool		isnull;

			values[i] = heap_getattr(copy, i + 1, RelationGetDescr(relation), &isnull);
			is_whole = is_whole && !isnull;
		}
		marker.found = is_whole;
		if (!is_whole)
			continue;
		marker.signature = TextDatumGetCString(values[1]);
		marker.built = DatumGetDateADT(values[2]);
		marker.unrecorded = values[3];
	}
	systable_endscan(scan);
	table_close(relation, NoLock);
	return marker;
}

/* Whether a relation's store counts in a snapshot, whoever asks. */
bool
marker_is_valid(const Marker *marker, Oid relid, const KeptRelation *kept, Oid store,
				Snapshot snapshot)
{
	return marker->found && signature_is_of(marker->signature, relid, kept, store, snapshot);
}

/* What the marker says of a relation now: a signature, why there is none, or NULL. */
const char *
marked_signature(const Ledger *ledger, const KeptRelation *kept)
{
	Snapshot	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	Marker		marker = read_marker(ledger->schema, kept, snapshot);

	UnregisterSnapshot(snapshot);
	return marker.found ? marker.signature : NULL;
}

/* ---- writing ---- */

/*
 * Put a relation's row into the marker, or change it by an update of m to
 * excluded; before today, nothing is recorded of a new one.
 */
static void
put_mark(const Ledger *ledger, const KeptRelation *kept, const char *signature,
		 const char *update)
{
	const char *values = sql_fill("{relation}, {signature}, {today},"
								  " datemultirange(daterange(NULL::date, {today}))",
								  "relation", quote_literal_cstr(kept->name),
								  "signature", quote_literal_cstr(signature),
								  "today", sql_day(recording_day()));

	execute_on_marker(ledger,
					  psprintf("INSERT INTO %s AS m (relation, signature, built, unrecorded)"
							   " VALUES (%s) ON CONFLICT (relation) DO UPDATE SET %s",
							   qualified_name(ledger->schema, MARKER_NAME), values, update));
}

/* Say that the store does not count for a relation: it has gone, or why. */
void
unmark(const Ledger *ledger, const KeptRelation *kept, const char *reason)
{
	if (reason != NULL)
		put_mark(ledger, kept, reason, "signature = excluded.signature");
	else
		execute_on_marker(ledger,
						  sql_fill("DELETE FROM {marker} WHERE relation = {relation}",
								   "marker", qualified_name(ledger->schema, MARKER_NAME),
								   "relation", quote_literal_cstr(kept->name)));
}

/*
 * Say for which state of the catalogue the store counts.  If it has counted for
 * it all the time and yet lacked something, it is not known since when.
 */
void
mark(const Ledger *ledger, const KeptRelation *kept, const char *signature, bool has_lacked)
{
	const char *unrecorded = sql_fill("CASE WHEN m.signature <> excluded.signature"
									  " THEN m.unrecorded + datemultirange({unknown})"
									  " ELSE excluded.unrecorded END",
									  "unknown", sql_unknown_days(ledger, kept));

	put_mark(ledger, kept, signature,
			 psprintf("signature = excluded.signature, built = excluded.built,"
					  " unrecorded = %s\nWHERE %s OR m.signature IS NULL"
					  " OR m.signature OPERATOR(pg_catalog.<>) excluded.signature",
					  unrecorded, has_lacked ? "true" : "false"));
}

/* Whether the store of a relation has been filled for columns as they are now. */
bool
has_same_columns(const Ledger *ledger, const KeptRelation *kept, const char *signature)
{
	const char *marked = marked_signature(ledger, kept);

	return marked != NULL && strlen(marked) > 16 && strcmp(marked + 16, signature + 16) == 0;
}
