/*-------------------------------------------------------------------------
 *
 * untold.c
 *	  The refusal to tell a past that the dates do not tell: one wording for
 *	  positions, statements and roll-forwards.
 *
 *-------------------------------------------------------------------------
 */
#include "untold.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

/* Add a sentence that says how many there are, if there are any. */
static void
add_fault(StringInfo detail, const char *before, int64 count, const char *after)
{
	if (count > 0)
		appendStringInfo(detail, "%s%s %lld%s", detail->len > 0 ? " " : "", before,
						 (long long) count, after);
}

static char *
counted(int64 count, const char *what)
{
	return psprintf("%lld %s%s", (long long) count, what, count == 1 ? "" : "s");
}

/* Invoices, credit memos, or both. */
static const char *
what_is_untold(int64 invoices, int64 memos)
{
	if (memos == 0)
		return counted(invoices, "invoice");
	if (invoices == 0)
		return counted(memos, "credit memo");
	return psprintf("%s and %s", counted(invoices, "invoice"), counted(memos, "credit memo"));
}

/* Refuse rather than guess: what is counted must be nothing. */
void
require_told(const char *ledger, const Untold *untold)
{
	int64		invoices = untold->unexplained + untold->undated + untold->unvoided;
	StringInfoData detail;

	if (invoices + untold->unvoided_memos == 0)
		return;
	initStringInfo(&detail);
	add_fault(&detail, "What remains of", untold->unexplained,
			  " is not amount_due less dated payments and applications.");
	add_fault(&detail, "Without a date of issue:", untold->undated, ".");
	add_fault(&detail, "Void without voided_at:", untold->unvoided, ".");
	add_fault(&detail, "Credit memos void without voided_at:", untold->unvoided_memos, ".");
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the past of %s of ledger \"%s\" cannot be told from dates",
					what_is_untold(invoices, untold->unvoided_memos), ledger),
			 errdetail_internal("%s", detail.data),
			 errhint("verify() finds them in a ledger that has any payment.")));
}
