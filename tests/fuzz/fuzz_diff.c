/* SPDX-License-Identifier: MIT */
/* Comparing results: tables, manifests, scenarios, captures and other texts that anybody may have
 * changed or cut. */
#include <sys/mman.h>
#include <unistd.h>

#include "emu/results/diff/diff_capture.h"
#include "emu/results/diff/diff_table.h"
#include "emu/results/diff/diff_text.h"
#include "tests/fuzz/fuzz.h"

static bool (*const kinds[])(const struct sfe_pair *, struct sfe_difference *) = {
	sfe_diff_table, sfe_diff_manifest, sfe_diff_scenario, sfe_diff_text, sfe_diff_capture};

/* A capture is read by its descriptor: a file in memory, filled anew each time. */
static void put(int *fd, struct part p)
{
	if (*fd < 0)
		CHECK((*fd = memfd_create("fuzz", MFD_CLOEXEC)) >= 0);
	CHECK(!ftruncate(*fd, 0) && pwrite(*fd, p.at, p.len, 0) == (ssize_t)p.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd_a = -1, fd_b = -1;
	struct sfe_difference d = {0};

	if (!size)
		return 0;
	struct part rest = {(const char *)data + 1, size - 1};
	struct part a = next_part(&rest), b = next_part(&rest);
	struct sfe_pair pair = {"a", "b", -1, -1, a.at, b.at, a.len, b.len};
	unsigned kind = data[0] % (sizeof(kinds) / sizeof(kinds[0]));

	if (a.len == b.len && !memcmp(a.at, b.at, a.len))
		return 0; /* only files that differ come here */
	if (kinds[kind] == sfe_diff_capture) {
		put(&fd_a, a);
		put(&fd_b, b);
		pair.fd_a = fd_a;
		pair.fd_b = fd_b;
	}
	if (kinds[kind](&pair, &d)) {
		CHECK(d.what[0] && memchr(d.what, 0, sizeof(d.what)));
		CHECK(!strchr(d.what, '\n'));
	}
	return 0;
}
