/*-------------------------------------------------------------------------
 *
 * check_cluster.c
 *	  Whether a ledger whose rows are on other servers can be answered where they
 *	  are.
 *
 * Where there is no cluster nothing of it runs, and where no table of the ledger is
 * on one there is nothing to tell.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "check_ledger.h"
#include "commands/extension.h"
#include "ledger/cluster.h"
#include "ledger/template.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/*
 * The tables below the ledger's relations $2 in schema $1, and where their rows are:
 * spread over servers by a column, everywhere, in one other place, or here.
 */
#define PLACED \
	"WITH RECURSIVE used(relation, oid) AS (\n" \
	" SELECT c.relname::text, c.oid FROM pg_class c\n" \
	" WHERE c.relnamespace = $1 AND c.relname::text = ANY ($2)\n" \
	" UNION\n" \
	" SELECT u.relation, d.refobjid FROM used u " READS_OF("= 'v'", "pg_class") "\n" \
	"), placed AS (\n" \
	" SELECT u.relation, t.oid, format('%s.%I', t.relnamespace::regnamespace::text, t.relname)\n" \
	"   AS name, t.relnamespace = $1 AND t.relname::text = u.relation AS is_relation,\n" \
	"  array_position($2, u.relation) AS place, p.colocationid,\n" \
	"  CASE WHEN p.logicalrelid IS NULL OR p.partmethod = 'n' AND p.repmodel <> 't'\n" \
	"    AND p.colocationid = 0 THEN 'here'\n" \
	"   WHEN p.partmethod <> 'n' THEN 'spread'\n" \
	"   WHEN p.repmodel = 't' THEN 'everywhere' ELSE 'elsewhere' END AS lives,\n" \
	"  CASE WHEN p.partmethod <> 'n'\n" \
	"   THEN column_to_column_name(p.logicalrelid, p.partkey) END AS key,\n" \
	"  EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND NOT a.attisdropped\n" \
	"   AND a.attname::text = 'customer_id') AS has_customer, t.relrowsecurity\n" \
	" FROM used u JOIN pg_class t ON t.oid = u.oid AND t.relkind = ANY ('{r,p}')\n" \
	" LEFT JOIN pg_dist_partition p ON p.logicalrelid::oid = t.oid\n" \
	" WHERE NOT t.relispartition\n" \
	"), home AS (\n" \
	/* where the customers are */ \
	" SELECT p.name, p.colocationid FROM placed p WHERE p.lives = 'spread'\n" \
	" ORDER BY p.place, p.oid LIMIT 1\n" \
	")\n"

/* Rows that are not where the customers' are. */
static const char misplaced[] = PLACED
"SELECT p.relation, CASE WHEN p.lives = 'spread' AND p.colocationid = h.colocationid\n"
"  THEN 'customer_id' END, CASE WHEN p.lives = 'spread' THEN 'error' ELSE 'warning' END,\n"
" CASE WHEN p.lives = 'spread' AND p.colocationid = h.colocationid\n"
"   THEN concat(p.name, ' is distributed by ', p.key, ', not by customer_id')\n"
"  WHEN p.lives = 'spread' THEN concat(p.name, ' is not co-located with ', h.name)\n"
"  WHEN p.lives = 'everywhere' THEN concat('every server has all of ', p.name,\n"
"   ', where those of ', h.name, ' live with their customer')\n"
"  ELSE concat('rows of ', p.name, ' are on one server, those of ', h.name,\n"
"   ' on all') END,\n"
" CASE WHEN NOT p.has_customer THEN concat('Add customer_id to ', p.name,\n"
"   ' and distribute it by that, beside ', h.name, '.')\n"
"  WHEN p.lives = 'spread' THEN concat('SELECT alter_distributed_table(',\n"
"   quote_literal(p.name), ', distribution_column => ''customer_id'', colocate_with => ',\n"
"   quote_literal(h.name), ');')\n"
"  ELSE concat(CASE WHEN p.lives <> 'here' THEN concat('SELECT undistribute_table(',\n"
"   quote_literal(p.name), '); ') END, 'SELECT create_distributed_table(',\n"
"   quote_literal(p.name), ', ''customer_id'', colocate_with => ',\n"
"   quote_literal(h.name), ');') END\n"
"FROM placed p CROSS JOIN home h\n"
"WHERE p.relation = ANY ($3) AND (p.lives <> 'spread' OR p.colocationid <> h.colocationid\n"
"  OR p.is_relation AND p.key <> 'customer_id')\n"
"ORDER BY p.place, p.name";

/*
 * Relations whose ids are not seen to be one only together with the customer, or whose
 * rows not to have one: what refers to the one, and the other, is not joined by it.
 */
static const char unjoined[] = PLACED
"SELECT p.relation, 'customer_id', 'error',\n"
" CASE WHEN r.refers THEN 'rows that name one are not joined by their customer, who is not'\n"
"   ' seen to be in the primary key'\n"
"  ELSE 'rows are not joined by their customer, as they may have none' END,\n"
" CASE WHEN c.relkind = 'v' THEN concat('Let the ledger have ', p.name,\n"
"   ' itself, and not a view of it.')\n"
"  WHEN r.refers THEN concat('ALTER TABLE ', p.name, ' ADD PRIMARY KEY (customer_id, ',\n"
"   p.relation, '_id);')\n"
"  ELSE concat('ALTER TABLE ', p.name, ' ALTER customer_id SET NOT NULL;') END\n"
"FROM placed p JOIN pg_class c ON c.relnamespace = $1 AND c.relname::text = p.relation\n"
"JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname::text = 'customer_id'\n"
"CROSS JOIN LATERAL (SELECT p.relation = ANY ($4)) AS r(refers)\n"
"WHERE p.lives = 'spread' AND CASE WHEN r.refers THEN NOT EXISTS (SELECT FROM pg_index i\n"
"   WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey::int2[]))\n"
"  ELSE p.relation = ANY ($5) AND c.relkind <> 'v' AND NOT a.attnotnull END\n"
"ORDER BY p.place, p.name";

/* What row security asks of the session has no answer on another server. */
static const char secured[] = PLACED
"SELECT p.relation, NULL::text, 'warning',\n"
" concat('row security of ', p.name, ' is asked on its servers, to which no setting of the'\n"
"  ' session comes'),\n"
" 'Let its policies ask for current_user, and neither for a setting nor by a function of'\n"
"  ' your own that is not immutable: rows would be missing.'\n"
"FROM placed p WHERE p.lives <> 'here' AND p.relrowsecurity\n"
"ORDER BY p.place, p.name";

/* Report views that have days of who asks, which servers of the rows do not know. */
static const char without_zone[] =
"SELECT v.relname::text, NULL::text, 'warning',\n"
" 'has days of the time zone of who asks, which is not known where the rows are',\n"
" concat('SELECT balance.create_report_views(''ZONE'', ', quote_literal(\n"
"  v.relnamespace::regnamespace::text), ');')\n"
"FROM pg_class v WHERE v.relnamespace = $1 AND v.relkind = 'v'\n"
" AND starts_with(obj_description(v.oid, 'pg_class'), 'Report of balance: ')\n"
" AND EXISTS (SELECT FROM pg_rewrite w JOIN pg_depend d ON d.objid = w.oid\n"
"  AND d.classid = 'pg_catalog.pg_rewrite'::regclass\n"
"  AND d.refclassid = 'pg_catalog.pg_proc'::regclass\n"
"  AND d.refobjid = 'balance.session_zone()'::regprocedure\n"
"  WHERE w.ev_class = v.oid)\n"
"ORDER BY 1";

/* Whether a table of the ledger has its rows on other servers. */
static const char any_placed[] = PLACED
"SELECT FROM placed p WHERE p.lives <> 'here' LIMIT 1";

/* The indexes that each table has, as rows of VALUES. */
static const char wanted_indexes[] = PLACED
"SELECT string_agg(DISTINCT format('(%L, %s)', p.name, (SELECT count(*) FROM pg_index i\n"
"  WHERE i.indrelid = p.oid AND i.indisvalid)), ', ')\n"
"FROM placed p WHERE p.lives <> 'here'";

/* Which shards on the server that is asked have fewer, as one text or NULL. */
#define LACKING_INDEXES \
	"SELECT string_agg(format('%s of %s', l.shards, l.name), ', ' ORDER BY l.name)\n" \
	"FROM (SELECT w.name COLLATE \"C\" AS name, count(*) AS shards\n" \
	" FROM (VALUES {wanted}) AS w(name, indexes)\n" \
	" JOIN pg_dist_shard AS s ON s.logicalrelid::oid = w.name::regclass::oid\n" \
	" CROSS JOIN LATERAL (SELECT to_regclass(shard_name(s.logicalrelid, s.shardid))::oid)\n" \
	"  AS shard(oid)\n" \
	" WHERE shard.oid IS NOT NULL AND w.indexes > (SELECT count(*) FROM pg_index AS i\n" \
	"  WHERE i.indrelid = shard.oid AND i.indisvalid)\n" \
	" GROUP BY 1) AS l"

/* ---- asking ---- */

/* What all queries above ask about. */
typedef struct AskedCluster
{
	Oid			types[5];
	Datum		values[5];
} AskedCluster;

static bool
is_relation(const RelationSpec *relation)
{
	return true;
}

static bool
has_customer(const RelationSpec *relation)
{
	return search_column_spec(relation, "customer_id") != NULL;
}

/* Whether rows with a customer name it, besides the customer. */
static bool
is_referred_to(const RelationSpec *relation)
{
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		for (const ColumnSpec *column = ledger_relations[i].columns; column->name; column++)
			if (column->refers_to != NULL && strcmp(column->name, "customer_id") != 0 &&
				strcmp(column->refers_to, relation->name) == 0)
				return true;
	return false;
}

/* Whether only a ledger that is distributed says whose its rows are. */
static bool
may_lack_customer(const RelationSpec *relation)
{
	const ColumnSpec *column = search_column_spec(relation, "customer_id");

	return column != NULL && column->distributed;
}

/* The names of a ledger's relations of some kind. */
static Datum
relation_names(bool (*is_one) (const RelationSpec *relation))
{
	Datum		names[NUM_LEDGER_RELATIONS];
	int			n = 0;

	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		if (is_one(&ledger_relations[i]))
			names[n++] = CStringGetTextDatum(ledger_relations[i].name);
	return PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT));
}

static const char *
text_or_null(uint64 row, int column)
{
	text	   *value = result_text(row, column);

	return value == NULL ? NULL : text_to_cstring(value);
}

/* Add the findings that a query returns, as columns of the function. */
static void
add_findings(ReturnSetInfo *result, AskedCluster *asked, const char *query, int nparameters)
{
	read_catalog(query, nparameters, asked->types, asked->values);
	for (uint64 row = 0; row < SPI_processed; row++)
		add_finding(result, text_or_null(row, 1), text_or_null(row, 2), text_or_null(row, 3),
					text_or_null(row, 4), text_or_null(row, 5));
}

/* What a worker has answered; NULL where it is nothing. */
typedef struct WorkerAnswer
{
	const char *name;
	const char *value;
} WorkerAnswer;

/*
 * Ask each worker a question of one value.  Who cannot be asked is a finding, and not
 * among the answers.
 */
static List *
ask_workers(ReturnSetInfo *result, const char *question)
{
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(question);
	List	   *answers = NIL;

	read_catalog("SELECT concat(w.nodename, ':', w.nodeport), w.success, "
				 " CASE WHEN w.result <> '' THEN w.result END\n"
				 "FROM run_command_on_workers($1) AS w ORDER BY w.nodename, w.nodeport",
				 1, &type, &value);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		WorkerAnswer *answer = palloc(sizeof(WorkerAnswer));
		bool		isnull;

		answer->name = text_or_null(row, 1);
		answer->value = text_or_null(row, 3);
		if (DatumGetBool(result_value(row, 2, &isnull)))
			answers = lappend(answers, answer);
		else
			add_finding(result, NULL, NULL, SEVERITY_NOTICE,
						psprintf("%s could not be asked: %s", answer->name, answer->value),
						"Call check_ledger() as a role that may connect to all servers.");
	}
	return answers;
}

/* ---- findings ---- */

/* Without the extension a server raises errors, and with another one it may be wrong. */
static void
check_extensions(ReturnSetInfo *result)
{
	const char *question = sql_fill("SELECT e.extversion FROM pg_extension AS e"
									" WHERE e.extname::text = 'balance'");
	const char *here;
	ListCell   *lc;

	read_catalog(question, 0, NULL, NULL);
	here = text_or_null(0, 1);
	foreach(lc, ask_workers(result, question))
	{
		const WorkerAnswer *answer = lfirst(lc);

		if (answer->value == NULL)
			add_finding(result, NULL, NULL, SEVERITY_ERROR,
						psprintf("%s has no extension balance", answer->name),
						"CREATE EXTENSION IF NOT EXISTS balance;");
		else if (strcmp(answer->value, here) != 0)
			add_finding(result, NULL, NULL, SEVERITY_WARNING,
						psprintf("%s has version %s of extension balance, this server %s",
								 answer->name, answer->value, here),
						"Install one version's files on all servers, and then ALTER EXTENSION "
						"balance UPDATE;");
	}
}

/* What is sent as text is read here by this server's style, or not at all. */
static void
check_date_styles(ReturnSetInfo *result)
{
	ListCell   *lc;

	foreach(lc, ask_workers(result, sql_fill("SELECT current_setting('DateStyle')")))
	{
		const WorkerAnswer *answer = lfirst(lc);

		if (answer->value != NULL && strncmp(answer->value, "ISO", 3) != 0)
			add_finding(result, NULL, NULL, SEVERITY_WARNING,
						psprintf("%s writes dates in style %s, which this server may read as other "
								 "days", answer->name, answer->value),
						"Let DateStyle be ISO on all servers, in their databases and for their "
						"roles.");
	}
}

/* An index that a shard lacks is not seen in plans, which are made there. */
static void
check_shard_indexes(ReturnSetInfo *result, AskedCluster *asked)
{
	ListCell   *lc;

	read_catalog(wanted_indexes, 2, asked->types, asked->values);
	foreach(lc, ask_workers(result, sql_fill(LACKING_INDEXES, "wanted", text_or_null(0, 1))))
	{
		const WorkerAnswer *answer = lfirst(lc);

		if (answer->value != NULL)
			add_finding(result, NULL, NULL, SEVERITY_WARNING,
						psprintf("shards on %s lack indexes that their tables have: %s",
								 answer->name, answer->value),
						"Drop the indexes and create them again, with citus.enable_ddl_propagation "
						"on.");
	}
}

/* Judge where a ledger's rows are, and what answers there. */
void
check_cluster(ReturnSetInfo *result, const Ledger *ledger)
{
	AskedCluster asked = {{OIDOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID}};

	if (!has_cluster() ||
		!OidIsValid(get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE)))
		return;
	asked.values[0] = ObjectIdGetDatum(ledger->schema);
	asked.values[1] = relation_names(is_relation);
	asked.values[2] = relation_names(has_customer);
	asked.values[3] = relation_names(is_referred_to);
	asked.values[4] = relation_names(may_lack_customer);
	read_catalog(any_placed, 2, asked.types, asked.values);
	if (SPI_processed == 0)
		return;
	add_findings(result, &asked, misplaced, 3);
	add_findings(result, &asked, unjoined, 5);
	add_findings(result, &asked, secured, 2);
	add_findings(result, &asked, without_zone, 1);
	check_extensions(result);
	check_date_styles(result);
	check_shard_indexes(result, &asked);
}
