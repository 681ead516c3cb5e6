/* SPDX-License-Identifier: MIT */
/* A scenario and its --set texts: what is taken is written as resolved, and reads back as that. */
#include "sfemu/scenario.h"
#include "tests/fuzz/fuzz.h"

#define MAX_SETS 4u

static char *resolved(const struct sfe_scenario *s, size_t *len)
{
	char *text;
	FILE *f = open_memstream(&text, len);

	CHECK(f && !sfe_scenario_write(s, f));
	fclose(f);
	return text;
}

static void round_trip(const struct sfe_scenario *s)
{
	struct sfe_scenario *again;
	size_t len, len_again;
	char *text = resolved(s, &len);

	CHECK(!sfe_scenario_parse(text, len, "resolved", NULL, 0, &again, NULL));
	char *text_again = resolved(again, &len_again);
	CHECK(len == len_again && !memcmp(text, text_again, len));
	free(text);
	free(text_again);
	sfe_scenario_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct part rest = {(const char *)data, size}, yaml = next_part(&rest);
	char *sets[MAX_SETS];
	uint32_t n = 0;
	struct sfe_scenario *s;
	struct sfe_error err = {0};

	while (rest.at && n < MAX_SETS)
		sets[n++] = part_text(next_part(&rest));
	int rc = sfe_scenario_parse(
		yaml.at, yaml.len, "scenario", (const char *const *)sets, n, &s, &err);
	if (rc) {
		check_error(&err, rc);
	} else {
		round_trip(s);
		sfe_scenario_free(s);
	}
	for (uint32_t i = 0; i < n; i++)
		free(sets[i]);
	return 0;
}
