/* SPDX-License-Identifier: MIT */
/* A sweep's file: axes, values and what they set. Its base scenario is a good one. */
#include <sys/mman.h>
#include <unistd.h>

#include "emu/sweep/sweep_parse.h"
#include "tests/fuzz/fuzz.h"

/* Files in memory. An input names its base 900: that descriptor's place beside the sweep's. */
#define BASE_FD 900
#define SWEEP "/proc/self/fd/901"

static void put(int fd, const void *data, size_t size)
{
	CHECK(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
}

static void make_files(void)
{
	static const char good[] = "topology: {generate: iiot}\nworkload: {tasks: /dev/null}\n";

	for (int fd = BASE_FD; fd <= BASE_FD + 1; fd++) {
		int made = memfd_create("fuzz", MFD_CLOEXEC);
		CHECK(made >= 0 && dup2(made, fd) == fd);
		close(made);
	}
	put(BASE_FD, good, sizeof(good) - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct sfe_sweep *s = calloc(1, sizeof(*s));
	struct sfe_error err = {0};
	char label[256];

	if (!ready)
		make_files();
	ready = true;
	put(BASE_FD + 1, data, size);
	CHECK(s && (s->file = strdup(SWEEP)));
	int rc = sfe_sweep_parse(s, &err);
	if (rc) {
		check_error(&err, rc);
	} else {
		CHECK(s->n_cells && s->n_cells <= SFE_SWEEP_MAX_CELLS);
		CHECK(s->n_axes >= 2 && s->n_axes <= SFE_SWEEP_MAX_AXES);
		sfe_sweep_label(s, s->n_cells - 1, label, sizeof(label));
	}
	sfe_sweep_free(s);
	return 0;
}
