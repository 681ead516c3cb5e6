/* SPDX-License-Identifier: MIT */
/* The congestion controls of guests are those that the guest kernel is built with. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "emu/experiment/congestion.h"
#include "tests/unit/unit.h"

static bool listed(const char *name)
{
	for (unsigned i = 0; sfe_congestion_of_guest(true, i); i++)
		if (!strcmp(sfe_congestion_of_guest(true, i), name))
			return true;
	return false;
}

static void test_config(void)
{
	FILE *f = fopen(SFE_SOURCE_DIR "/tools/guest-kernel/config", "re");
	unsigned built = 1, n = 0; /* reno is in every kernel */
	char line[256], name[32];

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "CONFIG_TCP_CONG_%31[A-Z]=y", name) == 1 &&
			strcmp(name, "ADVANCED")) {
			for (char *c = name; *c; c++)
				*c = (char)tolower(*c);
			CU_ASSERT_TRUE(listed(name));
			built++;
		}
	fclose(f);
	while (sfe_congestion_of_guest(true, n))
		n++;
	CU_ASSERT_EQUAL(n, built);
	CU_ASSERT_TRUE(listed("reno"));
}

static void test_refused(void)
{
	struct sfe_error err = {0};
	char text[512];

	CU_ASSERT_EQUAL(sfe_congestion_check("vegas", false, true, &err), 0);
	CU_ASSERT_EQUAL(sfe_congestion_check("cubic", false, false, &err), 0);
	CU_ASSERT_NOT_EQUAL(sfe_congestion_check("vegas", false, false, &err), 0);
	CU_ASSERT_NOT_EQUAL(sfe_congestion_check("cub", false, true, &err), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(sfe_error_text(&err, text, sizeof(text)),
		"the guest's kernel has no congestion control 'cub'; use one of: reno cubic bbr "
		"vegas dctcp"));
	/* This kernel. */
	CU_ASSERT_EQUAL(sfe_congestion_check("reno", true, false, &err), 0);
	CU_ASSERT_NOT_EQUAL(sfe_congestion_check("moon", true, false, &err), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(sfe_error_text(&err, text, sizeof(text)), "reno"));
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the list and the guest kernel's configuration", test_config},
		{"names that are refused", test_refused},
	};

	return unit_main("congestion", tests, sizeof(tests) / sizeof(tests[0]));
}
