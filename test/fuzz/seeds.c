/*
 * Turns valid positions, one a line on standard input, into first inputs for
 * the fuzzers: files in the folders text and binary.
 */
#include "laws.h"
#include "position/datum.h"
#include "position/pack.h"
#include "position/walk.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

static void
write_file(const char *folder, int n, int first, const void *data, size_t size)
{
	char		name[64];
	FILE	   *file;

	snprintf(name, sizeof(name), "%s/seed%d", folder, n);
	file = fopen(name, "wb");
	if (file == NULL || (first >= 0 && fputc(first, file) == EOF) ||
		fwrite(data, 1, size, file) != size || fclose(file) != 0)
		shim_fail("%s cannot be written", name);
}

int
main(void)
{
	char		line[8192];
	int			n = 0;
	Outcome		outcome;

	laws_init();
	while (fgets(line, sizeof(line), stdin) != NULL)
	{
		Datum		position;
		struct varlena *sent;
		struct varlena *first;

		shim_begin();
		line[strcspn(line, "\n")] = '\0';
		SHIM_TRY(outcome, position = position_from_text(line));
		if (outcome != OUTCOME_DONE)
			shim_fail("%s is no position: %s", line, shim_message);
		sent = (struct varlena *) DatumGetPointer(shim_call1(position_send, position));
		write_file("text", n, -1, line, strlen(line));
		/* 255: the whole of it is one position */
		write_file("binary", n, 255, VARDATA_ANY(sent), VARSIZE_ANY_EXHDR(sent));
		/* an earlier version is read as well */
		first = state_pack(state_from_position(position_from_datum(position)),
						   POSITION_PACKED_1);
		write_file("binary", n + 1000, 255, VARDATA_ANY(first), VARSIZE_ANY_EXHDR(first));
		n++;
	}
	return n > 0 ? 0 : 1;
}
