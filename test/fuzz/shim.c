/*-------------------------------------------------------------------------
 *
 * shim.c
 *	  Memory, errors, strings, lists, encodings and dates without a server.
 *
 *-------------------------------------------------------------------------
 */
#include "shim.h"

#include <sanitizer/asan_interface.h>

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "nodes/pg_list.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* ---- bookkeeping of inputs ---- */

jmp_buf		shim_jump;
int			shim_sqlstate;
char		shim_message[1024];
bool		shim_in_aggregate;
uint64		shim_inputs;
uint64		shim_accepted;

static uint64 skipped;
static char skipped_for[256];

void
shim_skip(const char *why)
{
	skipped++;
	strlcpy(skipped_for, why, sizeof(skipped_for));
	longjmp(shim_jump, OUTCOME_SKIPPED);
}

/* A property does not hold. */
void
shim_fail(const char *format,...)
{
	va_list		args;

	fprintf(stderr, "FAILED: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	abort();
}

/* The list of allowed SQLSTATEs ends with 0. */
void
shim_expect_sqlstate(const char *what, const int *allowed)
{
	for (; *allowed != 0; allowed++)
		if (*allowed == shim_sqlstate)
			return;
	shim_fail("%s raises %s: %s", what, unpack_sql_state(shim_sqlstate), shim_message);
}

char *
unpack_sql_state(int sql_state)
{
	static char text[6];

	for (int i = 0; i < 5; i++, sql_state >>= 6)
		text[i] = PGUNSIXBIT(sql_state);
	return text;
}

static void
print_summary(void)
{
	fprintf(stderr, "SUMMARY inputs=%llu accepted=%llu skipped=%llu%s%s\n",
			(unsigned long long) shim_inputs, (unsigned long long) shim_accepted,
			(unsigned long long) skipped, skipped > 0 ? " last reason: " : "", skipped_for);
}

uint64
shim_hash(const void *data, size_t size)
{
	uint64		hash = UINT64CONST(14695981039346656037);

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ ((const uint8 *) data)[i]) * UINT64CONST(1099511628211);
	return hash ^ hash >> 29;
}

/* ---- memory ---- */

typedef struct Block
{
	struct Block *previous;
	struct Block *next;
	size_t		size;
} Block;

static Block blocks = {&blocks, &blocks, 0};

/* Of contexts only the top one is told from others: its memory outlives the input. */
static struct MemoryContextData top;
MemoryContext CurrentMemoryContext = NULL;
MemoryContext TopMemoryContext = &top;

/* Sees to it that nobody reads or writes what stands before a chunk. */
static void *
hide_header(Block *block)
{
	ASAN_POISON_MEMORY_REGION(block, sizeof(Block));
	return block + 1;
}

static Block *
show_header(void *pointer)
{
	Block	   *block = (Block *) pointer - 1;

	ASAN_UNPOISON_MEMORY_REGION(block, sizeof(Block));
	return block;
}

static void
link_block(Block *block)
{
	Block	   *last = blocks.previous;

	block->previous = last;
	block->next = &blocks;
	if (last != &blocks)
		ASAN_UNPOISON_MEMORY_REGION(last, sizeof(Block));
	last->next = block;
	if (last != &blocks)
		ASAN_POISON_MEMORY_REGION(last, sizeof(Block));
	blocks.previous = block;
}

static void
unlink_block(Block *block)
{
	Block	   *neighbours[2] = {block->previous, block->next};

	for (int i = 0; i < 2; i++)
		if (neighbours[i] != &blocks)
			ASAN_UNPOISON_MEMORY_REGION(neighbours[i], sizeof(Block));
	neighbours[0]->next = neighbours[1];
	neighbours[1]->previous = neighbours[0];
	for (int i = 0; i < 2; i++)
		if (neighbours[i] != &blocks)
			ASAN_POISON_MEMORY_REGION(neighbours[i], sizeof(Block));
}

static void *
allocate(Size size, Size most)
{
	Block	   *block;

	if (size > most)
		elog(ERROR, "invalid memory alloc request size %zu", size);
	block = malloc(sizeof(Block) + size);
	if (block == NULL)
		shim_skip("out of memory");
	block->size = size;
	link_block(block);
	/* what was not set reads as garbage, the same in every run */
	memset(block + 1, 0x7F, size);
	return hide_header(block);
}

void
shim_begin(void)
{
	static bool is_first = true;

	if (is_first)
		atexit(print_summary);
	is_first = false;
	shim_inputs++;
	shim_in_aggregate = false;
	while (blocks.next != &blocks)
	{
		Block	   *block = blocks.next;

		ASAN_UNPOISON_MEMORY_REGION(block, sizeof(Block));
		unlink_block(block);
		free(block);
	}
}

void *
palloc(Size size)
{
	return allocate(size, MaxAllocSize);
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void *
palloc_extended(Size size, int flags)
{
	void	   *pointer = allocate(size, flags & MCXT_ALLOC_HUGE ? MaxAllocHugeSize : MaxAllocSize);

	return flags & MCXT_ALLOC_ZERO ? memset(pointer, 0, size) : pointer;
}

void *
MemoryContextAlloc(MemoryContext context, Size size)
{
	void	   *pointer = palloc(size);

	if (context == TopMemoryContext)
	{
		Block	   *block = show_header(pointer);

		unlink_block(block);
		block->previous = block->next = block;
		hide_header(block);
	}
	return pointer;
}

void *
MemoryContextAllocZero(MemoryContext context, Size size)
{
	return palloc0(size);
}

void *
MemoryContextAllocHuge(MemoryContext context, Size size)
{
	return allocate(size, MaxAllocHugeSize);
}

void
pfree(void *pointer)
{
	Block	   *block = show_header(pointer);

	unlink_block(block);
	free(block);
}

void *
repalloc_huge(void *pointer, Size size)
{
	Block	   *old = show_header(pointer);
	Size		old_size = old->size;
	void	   *new;

	hide_header(old);
	new = allocate(size, MaxAllocHugeSize);
	memcpy(new, pointer, Min(size, old_size));
	pfree(pointer);
	return new;
}

void *
repalloc(void *pointer, Size size)
{
	if (size > MaxAllocSize)
		elog(ERROR, "invalid memory alloc request size %zu", size);
	return repalloc_huge(pointer, size);
}

char *
pnstrdup(const char *string, Size length)
{
	char	   *copy;

	length = strnlen(string, length);
	copy = palloc(length + 1);
	memcpy(copy, string, length);
	copy[length] = '\0';
	return copy;
}

char *
pstrdup(const char *string)
{
	return pnstrdup(string, strlen(string));
}

char *
psprintf(const char *format,...)
{
	StringInfoData buf;
	va_list		args;
	int			needed;

	initStringInfo(&buf);
	for (;;)
	{
		va_start(args, format);
		needed = appendStringInfoVA(&buf, format, args);
		va_end(args);
		if (needed == 0)
			return buf.data;
		enlargeStringInfo(&buf, needed);
	}
}

/* ---- errors ---- */

static int	error_level;

volatile sig_atomic_t InterruptPending = false;

void
ProcessInterrupts(void)
{
}

void
qsort_interruptible(void *base, size_t nel, size_t elsize,
					qsort_arg_comparator cmp, void *arg)
{
	qsort_arg(base, nel, elsize, cmp, arg);
}

bool
errstart(int elevel, const char *domain)
{
	error_level = elevel;
	shim_sqlstate = ERRCODE_INTERNAL_ERROR;
	shim_message[0] = '\0';
	return elevel >= ERROR;
}

bool
errstart_cold(int elevel, const char *domain)
{
	return errstart(elevel, domain);
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	if (error_level > ERROR)
		shim_fail("%s:%d: error beyond ERROR: %s", filename, lineno, shim_message);
	longjmp(shim_jump, OUTCOME_ERROR);
}

#if PG_VERSION_NUM >= 160000
/* There is no soft error in the shim: whoever asks for one gets a hard one. */
bool
errsave_start(struct Node *context, const char *domain)
{
	return errstart(ERROR, domain);
}

void
errsave_finish(struct Node *context, const char *filename, int lineno, const char *funcname)
{
	errfinish(filename, lineno, funcname);
}
#endif

int
errcode(int sqlerrcode)
{
	return shim_sqlstate = sqlerrcode;
}

/* A wrong format or argument should show, so every text is made. */
static void
make_message(char *to, Size size, const char *format, va_list args)
{
	pg_vsnprintf(to, size, format, args);
}

#define MESSAGE(name, to) \
int \
name(const char *fmt,...) \
{ \
	va_list		args; \
	static char ignored[1024] pg_attribute_unused(); \
	va_start(args, fmt); \
	make_message(to, sizeof(ignored), fmt, args); \
	va_end(args); \
	return 0; \
}

MESSAGE(errmsg, shim_message)
MESSAGE(errmsg_internal, shim_message)
MESSAGE(errdetail, ignored)
MESSAGE(errdetail_internal, ignored)
MESSAGE(errhint, ignored)

int
errmsg_plural(const char *fmt_singular, const char *fmt_plural, unsigned long n,...)
{
	va_list		args;

	va_start(args, n);
	make_message(shim_message, sizeof(shim_message), n == 1 ? fmt_singular : fmt_plural, args);
	va_end(args);
	return 0;
}

#if PG_VERSION_NUM >= 160000
void
ExceptionalCondition(const char *condition, const char *file, int line)
#else
void
ExceptionalCondition(const char *condition, const char *type, const char *file, int line)
#endif
{
	shim_fail("assertion %s, %s:%d", condition, file, line);
}

/* ---- string buffers and lists ---- */

void
resetStringInfo(StringInfo str)
{
	str->data[0] = '\0';
	str->len = str->cursor = 0;
}

/* Starts smaller than the server's, so that growing is tried often. */
void
initStringInfo(StringInfo str)
{
	str->maxlen = 32;
	str->data = palloc(str->maxlen);
	resetStringInfo(str);
}

void
enlargeStringInfo(StringInfo str, int needed)
{
	if (needed < 0)
		elog(ERROR, "invalid string enlargement request size: %d", needed);
	if ((Size) needed >= MaxAllocSize - (Size) str->len)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("out of memory"),
				 errdetail("Cannot enlarge string buffer containing %d bytes by %d more bytes.",
						   str->len, needed)));
	needed += str->len + 1;
	if (needed <= str->maxlen)
		return;
	needed = Max(needed, 2 * str->maxlen);
	str->data = repalloc(str->data, needed);
	str->maxlen = needed;
}

int
appendStringInfoVA(StringInfo str, const char *fmt, va_list args)
{
	int			room = str->maxlen - str->len;
	int			length = pg_vsnprintf(str->data + str->len, room, fmt, args);

	if (length < room)
	{
		str->len += length;
		return 0;
	}
	str->data[str->len] = '\0';
	return length + 1;
}

void
appendStringInfo(StringInfo str, const char *fmt,...)
{
	int			save_errno = errno;

	for (;;)
	{
		va_list		args;
		int			needed;

		errno = save_errno;
		va_start(args, fmt);
		needed = appendStringInfoVA(str, fmt, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(str, needed);
	}
}

#if PG_VERSION_NUM >= 160000
void
appendBinaryStringInfo(StringInfo str, const void *data, int datalen)
#else
void
appendBinaryStringInfo(StringInfo str, const char *data, int datalen)
#endif
{
	enlargeStringInfo(str, datalen);
	memcpy(str->data + str->len, data, datalen);
	str->len += datalen;
	str->data[str->len] = '\0';
}

void
appendStringInfoString(StringInfo str, const char *s)
{
	appendBinaryStringInfo(str, s, strlen(s));
}

void
appendStringInfoChar(StringInfo str, char ch)
{
	appendBinaryStringInfo(str, &ch, 1);
}

const char *
pq_getmsgbytes(StringInfo msg, int datalen)
{
	const char *bytes = msg->data + msg->cursor;

	if (datalen < 0 || datalen > msg->len - msg->cursor)
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("insufficient data left in message")));
	msg->cursor += datalen;
	return bytes;
}

List *
lappend(List *list, void *datum)
{
	if (list == NIL)
	{
		list = palloc0(offsetof(List, initial_elements));
		list->type = T_List;
	}
	else
		Assert(IsA(list, List));
	if (list->length == list->max_length)
	{
		ListCell   *old = list->elements;

		list->max_length = 2 * list->max_length + 1;
		list->elements = palloc(list->max_length * sizeof(ListCell));
		if (list->length > 0)
			memcpy(list->elements, old, list->length * sizeof(ListCell));
		if (old != NULL)
			pfree(old);
	}
	list->elements[list->length++].ptr_value = datum;
	return list;
}

/* ---- values ---- */

/* Digits without an end. */
int
pg_ulltoa_n(uint64 value, char *to)
{
	char		digits[21];
	int			length = snprintf(digits, sizeof(digits), UINT64_FORMAT, value);

	memcpy(to, digits, length);
	return length;
}

/* An expanded object, and the pointer that only lets one read it. */
void
EOH_init_header(ExpandedObjectHeader *header, const ExpandedObjectMethods *methods,
				MemoryContext context)
{
	varatt_expanded pointer = {.eohptr = header};

	header->vl_len_ = EOH_HEADER_MAGIC;
	header->eoh_methods = methods;
	header->eoh_context = context;
	SET_VARTAG_EXTERNAL(header->eoh_ro_ptr, VARTAG_EXPANDED_RO);
	memcpy(VARDATA_EXTERNAL(header->eoh_ro_ptr), &pointer, sizeof(pointer));
}

ExpandedObjectHeader *
DatumGetEOHP(Datum d)
{
	varatt_expanded pointer;

	memcpy(&pointer, VARDATA_EXTERNAL(DatumGetPointer(d)), sizeof(pointer));
	return pointer.eohptr;
}

/* What the server keeps of a value: an expanded one packed. */
Datum
shim_flattened(Datum value)
{
	ExpandedObjectHeader *header;
	struct varlena *flat;
	Size		size;

	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(value)))
		return value;
	header = DatumGetEOHP(value);
	size = header->eoh_methods->get_flat_size(header);
	flat = palloc(size);
	header->eoh_methods->flatten_into(header, flat, size);
	return PointerGetDatum(flat);
}

/* Nothing is compressed or out of line in here. */
struct varlena *
pg_detoast_datum_packed(struct varlena *datum)
{
	return (struct varlena *) DatumGetPointer(shim_flattened(PointerGetDatum(datum)));
}

struct varlena *
pg_detoast_datum_copy(struct varlena *datum)
{
	Size		size = VARSIZE_ANY_EXHDR(datum);
	struct varlena *copy = palloc(size + VARHDRSZ);

	SET_VARSIZE(copy, size + VARHDRSZ);
	memcpy(VARDATA(copy), VARDATA_ANY(datum), size);
	return copy;
}

struct varlena *
pg_detoast_datum(struct varlena *datum)
{
	return VARATT_IS_SHORT(datum) ? pg_detoast_datum_copy(datum) : datum;
}

text *
cstring_to_text_with_len(const char *s, int len)
{
	text	   *result = palloc(len + VARHDRSZ);

	SET_VARSIZE(result, len + VARHDRSZ);
	memcpy(VARDATA(result), s, len);
	return result;
}

text *
cstring_to_text(const char *s)
{
	return cstring_to_text_with_len(s, strlen(s));
}

char *
text_to_cstring(const text *t)
{
	int			length = VARSIZE_ANY_EXHDR(t);
	char	   *result = palloc(length + 1);

	memcpy(result, VARDATA_ANY(t), length);
	result[length] = '\0';
	return result;
}

/* The database is in UTF-8, and so is the client. */
int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

bool
pg_verify_mbstr(int encoding, const char *mbstr, int len, bool noError)
{
	bool		valid = memchr(mbstr, '\0', len) == NULL &&
		pg_encoding_verifymbstr(PG_UTF8, mbstr, len) == len;

	if (!valid && !noError)
		ereport(ERROR,
				(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
				 errmsg("invalid byte sequence for encoding \"UTF8\"")));
	return valid;
}

char *
pg_any_to_server(const char *s, int len, int encoding)
{
	(void) pg_verify_mbstr(PG_UTF8, s, len, false);
	return unconstify(char *, s);
}

char *
pg_server_to_any(const char *s, int len, int encoding)
{
	return unconstify(char *, s);
}

int
pg_mbcliplen(const char *mbstr, int len, int limit)
{
	int			clipped = 0;

	while (clipped < len)
	{
		int			length = pg_encoding_mblen(PG_UTF8, mbstr + clipped);

		if (clipped + length > Min(limit, len))
			break;
		clipped += length;
	}
	return clipped;
}

/* ---- dates, in the proleptic Gregorian calendar ---- */

/* Days of 400 years, and the Julian day of 1 March of the year 0. */
#define DAYS_PER_ERA	146097
#define ERA_START		1721120

int
date2j(int year, int month, int day)
{
	int64		y = month <= 2 ? (int64) year - 1 : year;
	int64		era = (y >= 0 ? y : y - 399) / 400;
	int64		year_of_era = y - era * 400;
	int64		day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return (int) (era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 -
				  year_of_era / 100 + day_of_year + ERA_START);
}

void
j2date(int jd, int *year, int *month, int *day)
{
	int64		days = (int64) jd - ERA_START;
	int64		era = (days >= 0 ? days : days - DAYS_PER_ERA + 1) / DAYS_PER_ERA;
	int64		day_of_era = days - era * DAYS_PER_ERA;
	int64		year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
							   day_of_era / (DAYS_PER_ERA - 1)) / 365;
	int64		day_of_year = day_of_era -
		(365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64		m = (5 * day_of_year + 2) / 153;

	*day = (int) (day_of_year - (153 * m + 2) / 5 + 1);
	*month = (int) (m < 10 ? m + 3 : m - 9);
	*year = (int) (year_of_era + era * 400 + (*month <= 2));
}

int
timestamp2tm(Timestamp dt, int *tzp, struct pg_tm *tm, fsec_t *fsec,
			 const char **tzn, pg_tz *attimezone)
{
	int64		days = dt / USECS_PER_DAY;
	int64		rest = dt % USECS_PER_DAY;

	if (tzp != NULL)
		shim_skip("time zones");
	if (rest < 0)
	{
		days--;
		rest += USECS_PER_DAY;
	}
	days += POSTGRES_EPOCH_JDATE;
	if (days < 0 || days > PG_INT32_MAX)
		return -1;
	j2date((int) days, &tm->tm_year, &tm->tm_mon, &tm->tm_mday);
	tm->tm_hour = rest / USECS_PER_HOUR;
	tm->tm_min = rest / USECS_PER_MINUTE % 60;
	tm->tm_sec = rest / USECS_PER_SEC % 60;
	*fsec = rest % USECS_PER_SEC;
	return 0;
}

int
tm2timestamp(struct pg_tm *tm, fsec_t fsec, int *tzp, Timestamp *dt)
{
	int128		instant;

	if (tzp != NULL)
		shim_skip("time zones");
	if (!IS_VALID_JULIAN(tm->tm_year, tm->tm_mon, tm->tm_mday))
		return -1;
	instant = date2j(tm->tm_year, tm->tm_mon, tm->tm_mday) - POSTGRES_EPOCH_JDATE;
	instant = ((instant * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 + tm->tm_sec;
	instant = instant * USECS_PER_SEC + fsec;
	if (instant < PG_INT64_MIN || instant > PG_INT64_MAX || !IS_VALID_TIMESTAMP((int64) instant))
		return -1;
	*dt = (int64) instant;
	return 0;
}

/* ---- calling functions ---- */

int
AggCheckCallContext(FunctionCallInfo fcinfo, MemoryContext *aggcontext)
{
	return shim_in_aggregate ? AGG_CONTEXT_AGGREGATE : 0;
}

Datum
shim_call(PGFunction function, int nargs, const Datum *values, const bool *nulls)
{
	static AggState aggregate = {.ss.ps.type = T_AggState};
	LOCAL_FCINFO(fcinfo, FUNC_MAX_ARGS);
	Datum		result;

	memset(fcinfo, 0, SizeForFunctionCallInfo(nargs));
	fcinfo->context = shim_in_aggregate ? (Node *) &aggregate : NULL;
	fcinfo->nargs = nargs;
	for (int i = 0; i < nargs; i++)
	{
		fcinfo->args[i].value = values[i];
		fcinfo->args[i].isnull = nulls != NULL && nulls[i];
	}
	result = function(fcinfo);
	if (fcinfo->isnull)
		shim_fail("a function that never should returned NULL");
	return result;
}

Datum
shim_call1(PGFunction function, Datum a)
{
	return shim_call(function, 1, &a, NULL);
}

Datum
shim_call2(PGFunction function, Datum a, Datum b)
{
	Datum		values[] = {a, b};

	return shim_call(function, 2, values, NULL);
}

Datum
DirectFunctionCall1Coll(PGFunction func, Oid collation, Datum arg1)
{
	return shim_call1(func, arg1);
}

Datum
DirectFunctionCall2Coll(PGFunction func, Oid collation, Datum arg1, Datum arg2)
{
	return shim_call2(func, arg1, arg2);
}

Datum
DirectFunctionCall3Coll(PGFunction func, Oid collation, Datum arg1, Datum arg2, Datum arg3)
{
	Datum		values[] = {arg1, arg2, arg3};

	return shim_call(func, 3, values, NULL);
}
