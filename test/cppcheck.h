/*
 * What cppcheck, which reads none of the server's headers, has to know of them:
 * macros that are more than a function's call.
 */
#define PG_VERSION_NUM 180000
#define HAVE_INT128 1
#define FLEXIBLE_ARRAY_MEMBER
#define PG_FUNCTION_ARGS struct FunctionCallInfoBaseData *fcinfo
#define PG_FUNCTION_INFO_V1(function)
#define PG_MODULE_MAGIC_EXT(...)
#define StaticAssertDecl(condition, message)
#define pg_noreturn
#define pg_noinline
#define pg_fallthrough
#define likely(x) (x)
#define unlikely(x) (x)
#define lengthof(array) (sizeof(array) / sizeof((array)[0]))
#define offsetof(type, field) ((size_t) &((type *) 0)->field)
#define foreach(cell, list) \
	for (ListCell *cell_ = (cell = list_head(list)); cell_; \
		 cell_ = (cell = lnext(list, cell_)))
#define PG_TRY()
#define PG_FINALLY()
#define PG_END_TRY()
/* an error does not come back */
#define ereport(level, ...) abort()
#define elog(level, ...) abort()
#define ereturn(context, value, ...) return value
#define PG_RETURN_NULL() return 0
#define PG_RETURN_BOOL(x) return (x)
#define PG_RETURN_DATUM(x) return (x)
#define PG_RETURN_POINTER(x) return (unsigned long) (x)
#define PG_RETURN_TEXT_P(x) return (unsigned long) (x)
#define PG_RETURN_JSONB_P(x) return (unsigned long) (x)
#define PG_RETURN_BYTEA_P(x) return (unsigned long) (x)
#define PG_RETURN_CSTRING(x) return (unsigned long) (x)
#define PG_RETURN_INT32(x) return (x)
