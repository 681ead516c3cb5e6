/* SPDX-License-Identifier: MIT */
/* Why user namespaces are refused, from settings as distributions have them. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/vm/userns.h"
#include "tests/unit/unit.h"

static const struct {
	const char *name;
	int value;
	const char *words;
} settings[] = {
	/* Each is set beside those before it, which are looked at later. */
	{"kernel/apparmor_restrict_unprivileged_userns", 1, "AppArmor refuses user namespaces"},
	{"kernel/unprivileged_userns_clone", 0, "kernel.unprivileged_userns_clone is 0"},
	{"user/max_user_namespaces", 0, "user.max_user_namespaces is 0"},
};

static void set(const char *proc, const char *name, int value)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/sys/%s", proc, name);
	FILE *f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fprintf(f, "%d\n", value);
	fclose(f);
}

static void test_reasons(void)
{
	char proc[] = "/tmp/sfemu-test-userns-XXXXXX", path[512];
	const char *const folders[] = {"", "/sys", "/sys/kernel", "/sys/user"};

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(proc));
	for (size_t i = 1; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", proc, folders[i]);
		CU_ASSERT_EQUAL_FATAL(mkdir(path, 0700), 0);
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(sfe_userns_refusal(proc), "no sysctl says why"));
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		set(proc, settings[i].name, !settings[i].value);
		CU_ASSERT_PTR_NULL(strstr(sfe_userns_refusal(proc), settings[i].words));
		set(proc, settings[i].name, settings[i].value);
		CU_ASSERT_PTR_NOT_NULL(strstr(sfe_userns_refusal(proc), settings[i].words));
	}
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		snprintf(path, sizeof(path), "%s/sys/%s", proc, settings[i].name);
		unlink(path);
	}
	for (size_t i = 4; i--;) {
		snprintf(path, sizeof(path), "%s%s", proc, folders[i]);
		CU_ASSERT_EQUAL(rmdir(path), 0);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"why user namespaces are refused", test_reasons},
	};

	return unit_main("userns", tests, sizeof(tests) / sizeof(*tests));
}
