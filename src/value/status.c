/*-------------------------------------------------------------------------
 *
 * status.c
 *	  The vocabulary: from the words of a status column to a class.
 *
 * Words are compared without regard to case, '-', '_' and spaces.  A word that
 * is not listed is an error, never a guess: counting it in or out silently would
 * make an amount of money wrong.
 *
 *-------------------------------------------------------------------------
 */
#include "status.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

const char *const invoice_class_names[] = {"draft", "open", "paid", "void"};
const char *const memo_class_names[] = {"draft", "available", "spent", "void"};
const char *const unit_class_names[] = {
	"credit", "used_credit", "debt", "future_debt", "none"
};
const char *const charge_class_names[] = {"usage", "fixed"};

/*
 * Twice as many buckets as the longest list may have words, and more bytes than
 * the longest word has, which is checked at load.
 */
#define VOCABULARY_BUCKETS		128
#define MAX_WORD				32

/* The most words of one meaning; the compiler would tell of more. */
#define MAX_SYNONYMS			20

/*
 * The cache of spellings: more of them than a column has, each as long as two
 * loads of 8 bytes reach.  Without it whole books take 0.91 to 1.13 times as long
 * and 6 % more instructions; the two numbers were never measured.
 */
#define SPELLING_BUCKETS		64
#define MAX_SPELLING			16

/* A spelling of up to 16 bytes: its first and its last 8, which may overlap. */
typedef struct Spelling
{
	uint64		head;
	uint64		tail;
	int			length;
	const StatusWord *word;		/* NULL if the bucket is free */
} Spelling;

/* The words of each meaning, which is an index. */
typedef const char *const WordLists[][MAX_SYNONYMS];

/*
 * A list of words with a hash table over their folded spellings, and a cache of
 * the spellings that have occurred: a column has few, so most rows find theirs
 * in a handful of instructions.
 */
typedef struct Vocabulary
{
	const char *name;			/* for known_status() */
	const char *column;			/* in an error */
	const char *const(*lists)[MAX_SYNONYMS];
	int			nlists;
	int			nwords;
	StatusWord	words[VOCABULARY_BUCKETS / 2];
	uint8		buckets[VOCABULARY_BUCKETS];	/* index into words, plus one */
	Spelling	met[SPELLING_BUCKETS];
} Vocabulary;

/* What a payment status says; all that matters is whether it was paid. */
typedef enum PaymentMeaning
{
	PAYMENT_UNSETTLED,
	PAYMENT_SETTLED
} PaymentMeaning;

/* What an order's status says before pay_with_balance is looked at. */
typedef enum OrderMeaning
{
	ORDER_ISSUED,
	ORDER_INVOICED,				/* its invoice decides */
	ORDER_CANCELLED
} OrderMeaning;

/* What the status of a payment says, which is a transfer of money. */
typedef enum TransferMeaning
{
	TRANSFER_COUNTS,
	TRANSFER_COUNTS_NOT
} TransferMeaning;

/* What the status of a deposit says: whether the money is still the customer's. */
typedef enum DepositMeaning
{
	DEPOSIT_HELD,
	DEPOSIT_NOT_HELD
} DepositMeaning;

/*
 * A word is listed if it means the same in every system that uses it.  Words
 * that differ between systems (closed, completed, submitted) are not.
 */
/* INDENT OFF */
static WordLists invoice_words = {
	[INVOICE_DRAFT] = {"draft", "pending_validation", "scheduled"},
	[INVOICE_OPEN] = {
		"finalized", "open", "issued", "sent", "viewed", "posted", "approved", "authorized",
		"authorised", "overdue", "past_due", "due", "payment_due", "unpaid", "not_paid",
		"partially_paid", "partly_paid", "partial"
	},
	[INVOICE_PAID] = {
		"paid", "refunded", "partially_refunded", "marked_as_paid", "auto_paid", "settled"
	},
	[INVOICE_VOID] = {
		"voided", "void", "canceled", "cancelled", "cancel", "deleted", "reversed", "skipped",
		"written_off", "uncollectible"
	}
};

/* After a dispute or a chargeback the money is owed again. */
static WordLists payment_words = {
	[PAYMENT_UNSETTLED] = {
		"none", "initiated", "pending", "processing", "in_payment", "authorized",
		"requires_action", "failed", "voided", "unpaid", "not_paid", "partially_paid",
		"partly_paid", "partial", "disputed", "dispute_lost", "charged_back"
	},
	[PAYMENT_SETTLED] = {"succeeded", "paid", "overpaid", "refunded", "partially_refunded"}
};

static WordLists memo_words = {
	[MEMO_DRAFT] = {"draft"},
	[MEMO_AVAILABLE] = {"issued", "partially_applied"},
	[MEMO_SPENT] = {"fully_applied", "applied"},
	[MEMO_VOID] = {"void", "voided"}
};

static WordLists unit_invoice_words = {
	[UNIT_CREDIT] = {"paid"},
	[UNIT_DEBT] = {"pending", "overdue"},
	[UNIT_NONE] = {"cancelled", "canceled", "refunded"}
};

static WordLists unit_order_words = {
	[ORDER_ISSUED] = {"issued"},
	[ORDER_INVOICED] = {"billed", "paid"},
	[ORDER_CANCELLED] = {"cancelled", "canceled", "refunded"}
};

/* What a payment's own status says: whether the money came in, or went out. */
static WordLists transfer_words = {
	[TRANSFER_COUNTS] = {"succeeded", "paid", "settled", "completed", "captured"},
	[TRANSFER_COUNTS_NOT] = {
		"pending", "processing", "authorized", "failed", "canceled", "cancelled", "voided"
	}
};

/* Words of money that came in, such as paid, do not say whether it was used since. */
static WordLists deposit_words = {
	[DEPOSIT_HELD] = {"held", "on_hold", "available", "unapplied", "unused"},
	[DEPOSIT_NOT_HELD] = {
		"pending", "processing", "failed", "canceled", "cancelled", "void", "voided", "applied",
		"used", "consumed", "released", "refunded", "returned", "forfeited", "expired"
	}
};

/* INDENT ON */

StaticAssertDecl(VOCABULARY_BUCKETS <= PG_UINT8_MAX, "indexes in a hash table are bytes");

enum
{
	INVOICE_STATUS,
	PAYMENT_STATUS,
	MEMO_STATUS,
	UNIT_INVOICE_STATUS,
	UNIT_ORDER_STATUS,
	TRANSFER_STATUS,			/* the first that no position depends on */
	DEPOSIT_STATUS
};

#define VOCABULARY(name, column, words)	{name, column, words, lengthof(words), 0}

static Vocabulary vocabularies[] = {
	[INVOICE_STATUS] = VOCABULARY("invoice_status", "invoice_status", invoice_words),
	[PAYMENT_STATUS] = VOCABULARY("payment_status", "payment_status", payment_words),
	[MEMO_STATUS] = VOCABULARY("credit_memo", "credit memo status", memo_words),
	[UNIT_INVOICE_STATUS] = VOCABULARY("unit_invoice", "VCU invoice status", unit_invoice_words),
	[UNIT_ORDER_STATUS] = VOCABULARY("unit_order", "VCU order status", unit_order_words),
	[TRANSFER_STATUS] = VOCABULARY("payment", "status of a payment", transfer_words),
	[DEPOSIT_STATUS] = VOCABULARY("deposit", "status of a deposit", deposit_words)
};

/* Each byte in lower case, or 0 if it is skipped. */
static uint8 folded[256];

/*
 * Fold a word into the buffer and hash it on the way.  Returns the folded length,
 * or -1 if that exceeds every known word's.
 */
static inline int
fold_word(const char *word, int length, char *buffer, uint32 *hash)
{
	int			n = 0;
	uint32		h = 0;

	for (int i = 0; i < length; i++)
	{
		uint8		c = folded[(uint8) word[i]];

		if (c == 0)
			continue;
		if (n == MAX_WORD)
			return -1;
		buffer[n++] = c;
		h = h * 31 + c;
	}
	*hash = h ^ (h >> 6) ^ (h >> 12);
	return n;
}

/* Whether a listed word folds to the given spelling. */
static inline bool
word_matches(const char *word, const char *spelling, int length)
{
	int			n = 0;

	for (; *word; word++)
	{
		if (*word == '_')
			continue;
		if (n == length || spelling[n] != *word)
			return false;
		n++;
	}
	return n == length;
}

/* Enter the words of all meanings into the hash table. */
static void
vocabulary_init(Vocabulary *vocabulary)
{
	for (int i = 0; i < vocabulary->nlists * MAX_SYNONYMS; i++)
	{
		const char *word = vocabulary->lists[i / MAX_SYNONYMS][i % MAX_SYNONYMS];
		char		buffer[MAX_WORD];
		uint32		hash;

		if (word == NULL)
			continue;
		if (fold_word(word, strlen(word), buffer, &hash) < 0 ||
			vocabulary->nwords == lengthof(vocabulary->words))
			elog(ERROR, "status word \"%s\" is too long, or one too many", word);
		while (vocabulary->buckets[hash % VOCABULARY_BUCKETS] != 0)
			hash++;
		vocabulary->words[vocabulary->nwords].word = word;
		vocabulary->words[vocabulary->nwords++].meaning = i / MAX_SYNONYMS;
		vocabulary->buckets[hash % VOCABULARY_BUCKETS] = vocabulary->nwords;
	}
}

/* Build the hash tables, once per process. */
void
status_init(void)
{
	for (int c = 0; c < 256; c++)
		folded[c] = c;
	for (int c = 'A'; c <= 'Z'; c++)
		folded[c] = c - 'A' + 'a';
	folded['-'] = folded['_'] = folded[' '] = 0;

	for (int i = 0; i < lengthof(vocabularies); i++)
		vocabulary_init(&vocabularies[i]);
}

/* What all words mean, as one number: stored positions hold for this vocabulary. */
uint64
vocabulary_signature(void)
{
	uint64		signature = 0;

	for (int i = 0; i < TRANSFER_STATUS; i++)
		for (int j = 0; j < vocabularies[i].nwords; j++)
		{
			const StatusWord *known = &vocabularies[i].words[j];
			Datum		hash = hash_any_extended((const unsigned char *) known->word,
												 strlen(known->word), i);

			signature = hash_combine64(signature, DatumGetUInt64(hash));
			signature = hash_combine64(signature, known->meaning);
		}
	return signature;
}

/* Raise 22023 with the words that the column may have. */
static pg_noinline void
report_unknown_word(const Vocabulary *vocabulary, const text *status)
{
	const char *word = VARDATA_ANY(status);
	int			length = VARSIZE_ANY_EXHDR(status);
	StringInfoData accepted;

	initStringInfo(&accepted);
	for (int i = 0; i < vocabulary->nwords; i++)
		appendStringInfo(&accepted, "%s%s", i > 0 ? ", " : "",
						 vocabulary->words[i].word);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s \"%.*s\"", vocabulary->column,
					pg_mbcliplen(word, length, NAMEDATALEN), word),
			 errdetail("Accepted are %s.", accepted.data),
			 errhint("A word of your own system is for a view to translate to one of these.")));
}

/* Find a word in a vocabulary; NULL if it is not listed. */
static inline const StatusWord *
vocabulary_find(const Vocabulary *vocabulary, const text *status)
{
	const char *word = VARDATA_ANY(status);
	int			length = VARSIZE_ANY_EXHDR(status);
	char		buffer[MAX_WORD];
	uint32		hash;
	int			n = fold_word(word, length, buffer, &hash);
	int			bucket;

	while (n > 0 && (bucket = vocabulary->buckets[hash % VOCABULARY_BUCKETS]) != 0)
	{
		const StatusWord *known = &vocabulary->words[bucket - 1];

		if (word_matches(known->word, buffer, n))
			return known;
		hash++;
	}
	return NULL;
}

/* Make a key of a spelling: two loads that together cover every byte. */
static inline Spelling
read_spelling(const text *status)
{
	const char *word = VARDATA_ANY(status);
	int			length = VARSIZE_ANY_EXHDR(status);
	Spelling	spelling = {.length = length};

	if (length >= 8)
	{
		memcpy(&spelling.head, word, 8);
		memcpy(&spelling.tail, word + length - 8, 8);
	}
	else if (length >= 4)
	{
		memcpy(&spelling.head, word, 4);
		memcpy(&spelling.tail, word + length - 4, 4);
	}
	else
		for (int i = 0; i < length; i++)
			spelling.head = spelling.head << 8 | (uint8) word[i];
	return spelling;
}

/* The bucket of a spelling in the cache. */
static inline Spelling *
spelling_bucket(Vocabulary *vocabulary, Spelling spelling)
{
	return &vocabulary->met[((spelling.head ^ (spelling.tail << 1)) *
							 UINT64CONST(0x9E3779B97F4A7C15)) >> 58];
}

StaticAssertDecl(SPELLING_BUCKETS == 1 << (64 - 58),
				 "the hash must have as many bits as there are buckets");

/* Find a word in the vocabulary and cache it; NULL if it is not listed. */
static pg_noinline const StatusWord *
vocabulary_meet(Vocabulary *vocabulary, const text *status)
{
	Spelling	spelling = read_spelling(status);

	spelling.word = vocabulary_find(vocabulary, status);
	if (spelling.word != NULL && spelling.length <= MAX_SPELLING)
		*spelling_bucket(vocabulary, spelling) = spelling;
	return spelling.word;
}

/* The same; raises 22023 if it is not listed. */
static pg_noinline const StatusWord *
vocabulary_require(Vocabulary *vocabulary, const text *status)
{
	const StatusWord *known = vocabulary_meet(vocabulary, status);

	if (known == NULL)
		report_unknown_word(vocabulary, status);
	return known;
}

/*
 * A word that is cached, or NULL.  A longer spelling is not mistaken for one there,
 * as their lengths differ, nor an empty one for a free bucket, which has no word.
 */
static inline const StatusWord *
vocabulary_recall(Vocabulary *vocabulary, const text *status)
{
	Spelling	spelling = read_spelling(status);
	const Spelling *met = spelling_bucket(vocabulary, spelling);

	return likely(met->head == spelling.head && met->tail == spelling.tail &&
				  met->length == spelling.length) ? met->word : NULL;
}

/* A word by way of the cache; raises 22023 if it is not listed. */
static inline const StatusWord *
vocabulary_lookup(Vocabulary *vocabulary, const text *status)
{
	const StatusWord *known = vocabulary_recall(vocabulary, status);

	return likely(known != NULL) ? known : vocabulary_require(vocabulary, status);
}

/* A word by way of the cache, for what raises no error; NULL if it is not listed. */
const StatusWord *
status_find(int vocabulary, const text *status)
{
	const StatusWord *known = vocabulary_recall(&vocabularies[vocabulary], status);

	return likely(known != NULL) ? known : vocabulary_meet(&vocabularies[vocabulary], status);
}

/* What an invoice is by its two words, each of which may be NULL for none. */
InvoiceClass
invoice_class_by(const StatusWord *invoice, const StatusWord *payment)
{
	InvoiceClass class = invoice == NULL ? INVOICE_OPEN : invoice->meaning;

	if (class != INVOICE_VOID && payment != NULL && payment->meaning == PAYMENT_SETTLED)
		return INVOICE_PAID;
	return class;
}

/* Both words are looked up even where one decides, as unknown ones are errors. */
InvoiceClass
invoice_class_of(const text *invoice_status, const text *payment_status)
{
	const StatusWord *invoice = NULL;
	const StatusWord *payment = NULL;

	if (invoice_status != NULL)
		invoice = vocabulary_lookup(&vocabularies[INVOICE_STATUS], invoice_status);
	if (payment_status != NULL)
		payment = vocabulary_lookup(&vocabularies[PAYMENT_STATUS], payment_status);
	return invoice_class_by(invoice, payment);
}

/* The class and, if wanted, the spelling that customer-credits documents. */
MemoClass
memo_class_of(const text *status, const char **documented)
{
	const StatusWord *known = vocabulary_lookup(&vocabularies[MEMO_STATUS], status);

	if (documented != NULL)
		*documented = known->meaning == MEMO_SPENT ? "fully_applied" :
			known->meaning == MEMO_VOID ? "void" : known->word;
	return known->meaning;
}

UnitClass
unit_invoice_class_of(const text *status)
{
	return vocabulary_lookup(&vocabularies[UNIT_INVOICE_STATUS], status)->meaning;
}

UnitClass
unit_order_class_of(const text *status, bool pay_with_balance)
{
	OrderMeaning order = vocabulary_lookup(&vocabularies[UNIT_ORDER_STATUS], status)->meaning;

	if (order == ORDER_CANCELLED)
		return UNIT_NONE;
	if (pay_with_balance)
		return UNIT_USED_CREDIT;
	return order == ORDER_ISSUED ? UNIT_FUTURE_DEBT : UNIT_NONE;
}

/* Whether a payment has been made: what is on its way or came to nothing has not. */
PG_FUNCTION_INFO_V1(payment_counts);
Datum
payment_counts(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(vocabulary_lookup(&vocabularies[TRANSFER_STATUS],
									 PG_GETARG_TEXT_PP(0))->meaning == TRANSFER_COUNTS);
}

/* Whether a deposit is held; one without a status is not known to be. */
PG_FUNCTION_INFO_V1(deposit_is_held);
Datum
deposit_is_held(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(vocabulary_lookup(&vocabularies[DEPOSIT_STATUS],
									 PG_GETARG_TEXT_PP(0))->meaning == DEPOSIT_HELD);
}

/* The only open vocabulary: whatever is not usage is a fixed charge. */
ChargeClass
charge_class_of(const text *price_type)
{
	char		buffer[MAX_WORD];
	uint32		hash;
	int			n;

	if (price_type == NULL)
		return CHARGE_FIXED;
	n = fold_word(VARDATA_ANY(price_type), VARSIZE_ANY_EXHDR(price_type),
				  buffer, &hash);
	return n > 0 && word_matches("usage", buffer, n) ? CHARGE_USAGE : CHARGE_FIXED;
}

#define RETURN_CLASS(name)	PG_RETURN_TEXT_P(cstring_to_text(name))

PG_FUNCTION_INFO_V1(invoice_class);
Datum
invoice_class(PG_FUNCTION_ARGS)
{
	text	   *invoice_status = PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0);
	text	   *payment_status = PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1);

	RETURN_CLASS(invoice_class_names[invoice_class_of(invoice_status, payment_status)]);
}

PG_FUNCTION_INFO_V1(credit_memo_class);
Datum
credit_memo_class(PG_FUNCTION_ARGS)
{
	RETURN_CLASS(memo_class_names[memo_class_of(PG_GETARG_TEXT_PP(0), NULL)]);
}

PG_FUNCTION_INFO_V1(unit_invoice_class);
Datum
unit_invoice_class(PG_FUNCTION_ARGS)
{
	RETURN_CLASS(unit_class_names[unit_invoice_class_of(PG_GETARG_TEXT_PP(0))]);
}

PG_FUNCTION_INFO_V1(unit_order_class);
Datum
unit_order_class(PG_FUNCTION_ARGS)
{
	bool		pay_with_balance = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	RETURN_CLASS(unit_class_names[unit_order_class_of(PG_GETARG_TEXT_PP(0),
													  pay_with_balance)]);
}

/* For an index, which must take words that no document can show. */
PG_FUNCTION_INFO_V1(may_be_unpaid);
Datum
may_be_unpaid(PG_FUNCTION_ARGS)
{
	text	   *status = PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0);
	text	   *payment = PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1);
	InvoiceClass class;

	if ((status != NULL && !status_is_known("invoice_status", status)) ||
		(payment != NULL && !status_is_known("payment_status", payment)))
		PG_RETURN_BOOL(true);
	class = invoice_class_of(status, payment);
	PG_RETURN_BOOL(class == INVOICE_DRAFT || class == INVOICE_OPEN);
}

PG_FUNCTION_INFO_V1(charge_class);
Datum
charge_class(PG_FUNCTION_ARGS)
{
	RETURN_CLASS(charge_class_names[charge_class_of(PG_ARGISNULL(0) ? NULL :
													PG_GETARG_TEXT_PP(0))]);
}

/* Which vocabulary has a name, for status_find(). */
int
vocabulary_by_name(const char *name)
{
	for (int i = 0; i < lengthof(vocabularies); i++)
		if (strcmp(vocabularies[i].name, name) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown vocabulary \"%s\"", name),
			 errdetail("There are invoice_status, payment_status, credit_memo, "
					   "unit_invoice, unit_order and payment.")));
}

/* Whether a status is known, without an error; an unknown vocabulary is one. */
bool
status_is_known(const char *vocabulary, const text *status)
{
	return vocabulary_find(&vocabularies[vocabulary_by_name(vocabulary)], status) != NULL;
}

PG_FUNCTION_INFO_V1(known_status);
Datum
known_status(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(status_is_known(text_to_cstring(PG_GETARG_TEXT_PP(0)),
								   PG_GETARG_TEXT_PP(1)));
}
