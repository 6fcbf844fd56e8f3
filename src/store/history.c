/*-------------------------------------------------------------------------
 *
 * history.c
 *	  What was recorded on each day: the rows that folds leave behind.
 *
 * A row of the store has the day on which it was recorded, until it is folded
 * into a sum that has none; what it changed on that day is then in the history.
 * So the books at the end of a day are the store's rows, less those of later
 * days, and less what the history has of later days.
 *
 * The day is that of the statement, in UTC.  When its transaction commits is not
 * known here: one that goes on over midnight counts on the days on which it
 * wrote, and a day is final when all transactions that wrote on it have ended.
 *
 * While the store does not count, what it misses is not known.  So each day on
 * which it was seen to count has a witness: a row of no customer that says nothing
 * else.  A repair then knows since when the store may not have counted, which is
 * from the last such day on, and the marker keeps these days as not recorded.
 *
 *-------------------------------------------------------------------------
 */
#include "history.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "ledger/template.h"
#include "position/datum.h"
#include "position/state.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "value/arguments.h"

/* ---- what folds leave behind ---- */

/* A row of no customer that says nothing. */
static bool
is_witness(const StoreRow *row)
{
	return ROW_NULL(row, STORE_CUSTOMER) && !says_something(row);
}

/* Take what the history has of a customer, relation and day, and add it. */
static void
take_from_history(const Store *history, Stored *change, const StoreRow *like)
{
	SnapshotData snapshot = snapshot_until_now();
	SysScanDesc scan = scan_customer(history, ROW_VALUE(like, STORE_CUSTOMER),
									 ROW_NULL(like, STORE_CUSTOMER), &snapshot);
	HeapTuple	tuple;
	StoreRow	row;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		read_row(history, tuple, &row);
		if (DatumGetChar(ROW_VALUE(&row, STORE_SOURCE)) !=
			DatumGetChar(ROW_VALUE(like, STORE_SOURCE)) ||
			DatumGetDateADT(ROW_VALUE(&row, STORE_DAY)) !=
			DatumGetDateADT(ROW_VALUE(like, STORE_DAY)) ||
			is_witness(&row) || !delete_row(history, &tuple->t_self))
			continue;
		read_row(history, heap_copytuple(tuple), &row);
		add_stored(change, &row);
	}
	systable_endscan(scan);
}

/* Append what changed on a day; like has the relation, the customer and the day. */
void
append_to_history(Store *history, Stored *change, const StoreRow *like, bool completely)
{
	StoreRow	row = *like;

	if (change->n > 0 && completely)
		take_from_history(history, change, like);
	put_sum(&row, change);
	ROW_NULL(&row, STORE_LATEST) = true;
	if (says_something(&row))
		append_row(history, &row);
}

/* ---- witnesses ---- */

/*
 * The last day that was witnessed, or DATEVAL_NOBEGIN.  Earlier witnesses say
 * nothing more, and may be forgotten on the way.
 */
static DateADT
last_witness(const Store *history, const KeptRelation *kept, Snapshot snapshot,
			 DateADT forget_before)
{
	SysScanDesc scan = scan_customer(history, (Datum) 0, true, snapshot);
	DateADT		last = DATEVAL_NOBEGIN;
	HeapTuple	tuple;
	StoreRow	row;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		read_row(history, tuple, &row);
		if (!is_witness(&row) || DatumGetChar(ROW_VALUE(&row, STORE_SOURCE)) != kept->letter)
			continue;
		last = Max(last, DatumGetDateADT(ROW_VALUE(&row, STORE_DAY)));
		if (DatumGetDateADT(ROW_VALUE(&row, STORE_DAY)) < forget_before)
			(void) delete_row(history, &tuple->t_self);
	}
	systable_endscan(scan);
	return last;
}

/*
 * Witness that the store of a relation counts today, unless that has been done.
 * Finding that out may conflict with other transactions in SERIALIZABLE.
 */
void
witness_day(Oid store, Oid relid, const KeptRelation *kept)
{
	Oid			schema = get_rel_namespace(store);
	Oid			relid_of_history = find_history(schema);
	SnapshotData snapshot = snapshot_until_now();
	DateADT		today = recording_day();
	Store		history;
	Marker		marker;

	if (XactIsoLevel != XACT_READ_COMMITTED || !OidIsValid(relid_of_history))
		return;
	marker = read_marker(schema, kept, &snapshot);
	if (!marker_is_valid(&marker, relid, kept, store, &snapshot))
		return;
	history = open_store_to_write(relid_of_history);
	if (marker.built < today && last_witness(&history, kept, &snapshot, today) < today)
	{
		StoreRow	row = row_of_no_customer(kept->letter, 0, today);

		append_row(&history, &row);
	}
	close_store(&history);
}

/* ---- what repairs do not know ---- */

/* A day as SQL, whatever DateStyle is. */
const char *
sql_day(DateADT day)
{
	return sql_fill("('2000-01-01'::date + {days}::int4)", "days",
					psprintf(day < 0 ? "('%d')" : "'%d'", day));
}

/*
 * The days of which it is not known what was recorded, if a repair finds a store
 * that did not count: as SQL, from the last one on which it is known to have
 * counted, in terms of its marker m.
 */
const char *
sql_unknown_days(const Ledger *ledger, const KeptRelation *kept)
{
	Oid			relid = find_history(ledger->schema);
	DateADT		last = DATEVAL_NOBEGIN;

	if (OidIsValid(relid))
	{
		Store		history = open_store(relid);

		last = last_witness(&history, kept, GetActiveSnapshot(), DATEVAL_NOBEGIN);
		close_store(&history);
	}
	return sql_fill("daterange(LEAST(GREATEST(m.built, {last}), {today}), {today})",
					"last", last == DATEVAL_NOBEGIN ? "m.built" : sql_day(last),
					"today", sql_day(recording_day()));
}

/* ---- asking ---- */

static const char *
day_as_text(DateADT day)
{
	return DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(day)));
}

/* A relation of which it is asked what was recorded. */
typedef struct Recorded
{
	Oid			schema;
	Oid			relid;
	const KeptRelation *kept;
	DateADT		day;
} Recorded;

/* The same rights as for reading its rows; where they are hidden, there is no sum. */
static void
require_rights(const Recorded *recorded)
{
	Oid			relid = recorded->relid;
	Oid			table = kept_table(relid, recorded->kept);

	if (schema_aclcheck(recorded->schema, GetUserId(), ACL_USAGE) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_SCHEMA, get_namespace_name(recorded->schema));
	if (!may_read(relid, recorded->kept) || !may_read_below(relid, recorded->kept))
		aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(get_rel_relkind(relid)),
					   get_rel_name(relid));
	if (check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED ||
		(OidIsValid(table) && table != relid && has_row_security(table)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("row security applies to relation \"%s\"", get_rel_name(relid)),
				 errdetail("Recorded are sums, from which no hidden rows can be taken.")));
}

pg_noreturn static void
report_not_recorded(const Recorded *recorded, const char *detail)
{
	const char *ledger = get_namespace_name(recorded->schema);

	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("what relation \"%s.%s\" said at the end of %s was not recorded", ledger,
					recorded->kept->name, day_as_text(recorded->day)),
			 errdetail("%s", detail),
			 errhint("balance.maintenance(%s) says whether it is maintained now.",
					 quote_literal_cstr(quote_identifier(ledger)))));
}

/* Raise an error unless the history tells of the day. */
static void
require_recorded(const Recorded *recorded, Oid store, Oid history, Snapshot snapshot)
{
	DateADT		today = recording_day();
	Marker		marker;

	if (recorded->day > today)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("day %s has not begun", day_as_text(recorded->day)),
				 errdetail("Days of recording are those of UTC, and today is %s.",
						   day_as_text(today))));
	marker = read_marker(recorded->schema, recorded->kept, snapshot);
	if (!OidIsValid(store) || !OidIsValid(history) || !marker.found)
		report_not_recorded(recorded, "It is not maintained.");
	if (DatumGetBool(OidFunctionCall2(F_MULTIRANGE_CONTAINS_ELEM, marker.unrecorded,
									  DateADTGetDatum(recorded->day))))
		report_not_recorded(recorded,
							psprintf("Days that are not recorded: %s.",
									 OidOutputFunctionCall(F_MULTIRANGE_OUT,
														   marker.unrecorded)));
	if (!marker_is_valid(&marker, recorded->relid, recorded->kept, store, snapshot))
	{
		Store		opened = open_store(history);
		DateADT		last = last_witness(&opened, recorded->kept, snapshot, DATEVAL_NOBEGIN);

		close_store(&opened);
		last = Max(last, marker.built);
		if (recorded->day >= last)
			report_not_recorded(recorded,
								psprintf("Its store does not count now, and is known to have"
										 " counted until %s.", day_as_text(last)));
	}
	else if (recorded->day == today &&
			 is_being_written(kept_table(recorded->relid, recorded->kept)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("relation \"%s\" is being written by this session",
						get_rel_name(recorded->relid))));
}

/* Add rows of a customer, of which no customer is one. */
static int64
add_rows(const Store *store, const Recorded *recorded, bool is_history, Datum customer,
		 bool customer_is_null, char letter, Snapshot snapshot, PositionState **state)
{
	SysScanDesc scan = scan_customer(store, customer, customer_is_null, snapshot);
	int64		bad = 0;
	HeapTuple	tuple;
	StoreRow	row;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		is_later;
		struct varlena *position;

		CHECK_FOR_INTERRUPTS();
		read_row(store, tuple, &row);
		is_later = !ROW_NULL(&row, STORE_DAY) &&
			DatumGetDateADT(ROW_VALUE(&row, STORE_DAY)) > recorded->day;
		if (DatumGetChar(ROW_VALUE(&row, STORE_SOURCE)) != letter || is_later != is_history)
			continue;
		position = row_position(&row);
		state_add_position(state, position, is_history ? -1 : 1);
		pfree(position);
		bad += (is_history ? -1 : 1) * DatumGetInt64(ROW_VALUE(&row, STORE_BAD));
	}
	systable_endscan(scan);
	return bad;
}

/* The same of the store and the history together. */
static int64
add_recorded(const Recorded *recorded, Oid store, Oid history, Datum customer,
			 bool customer_is_null, char letter, Snapshot snapshot, PositionState **state)
{
	int64		bad = 0;

	for (int i = 0; i < 2; i++)
	{
		Store		opened = open_store(i == 0 ? store : history);

		bad += add_rows(&opened, recorded, i == 1, customer, customer_is_null, letter,
						snapshot, state);
		close_store(&opened);
	}
	return bad;
}

static void
require_tallied(const Recorded *recorded, int64 bad)
{
	if (bad != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s.%s\" had rows at the end of %s that could not be tallied",
						get_namespace_name(recorded->schema), recorded->kept->name,
						day_as_text(recorded->day)),
				 errdetail("%lld of them had an unknown currency or status, or no amount that can"
						   " be added.", (long long) bad),
				 errhint("balance.verify() lists those that are there now.")));
}

/*
 * A customer's position in a relation, as it was recorded by the end of a day.
 * Without a customer it only tells whether that can be told.
 */
PG_FUNCTION_INFO_V1(recorded_position);
Datum
recorded_position(PG_FUNCTION_ARGS)
{
	Recorded	recorded;
	Snapshot	snapshot = GetActiveSnapshot();
	PositionState *state = state_create(0);
	Oid			store;
	Oid			history;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	recorded.schema = PG_GETARG_OID(0);
	recorded.kept = require_kept(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	recorded.relid = get_relname_relid(recorded.kept->name, recorded.schema);
	recorded.day = PG_GETARG_DATEADT(3);
	if (!OidIsValid(recorded.relid))
		PG_RETURN_NULL();
	require_rights(&recorded);
	store = find_store(recorded.schema);
	history = find_history(recorded.schema);
	require_recorded(&recorded, store, history, snapshot);
	require_tallied(&recorded, add_recorded(&recorded, store, history, (Datum) 0, true,
											lost_letter(recorded.kept), snapshot, &state));
	if (PG_ARGISNULL(2))
		PG_RETURN_NULL();
	require_tallied(&recorded, add_recorded(&recorded, store, history, PG_GETARG_DATUM(2),
											false, recorded.kept->letter, snapshot, &state));
	PG_RETURN_DATUM(state_expanded(state));
}
