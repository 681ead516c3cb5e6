/* SPDX-License-Identifier: MIT */
/*
 * Pieces of captures that a guest has written, put together by the orchestrator: two points of one
 * capture with two pieces each, the parts of the input, of which an empty one is not there. The
 * first byte says of the plan how long files are (bits 0, 1), how many a ring has (bits 2, 3), how
 * much may be written (bits 4, 5), and whether packets are captured whole (bit 6).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/results/capture_files.h"
#include "tests/fuzz/fuzz.h"

#define N_POINTS 2
#define N_PIECES 2
#define HEADER_BYTES 24

static char folder[] = "/dev/shm/sfe-fuzz-pieces-XXXXXX";
static int dir = -1, captures = -1;

/* Removes all files; returns the bytes of the capture's own, and how many they are. */
static uint64_t remove_files(unsigned *n)
{
	DIR *d = fdopendir(openat(dir, "captures", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	uint64_t bytes = 0;
	struct dirent *e;
	struct stat st;

	*n = 0;
	CHECK(d);
	while ((e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		CHECK(!fstatat(captures, e->d_name, &st, AT_SYMLINK_NOFOLLOW));
		CHECK(!unlinkat(captures, e->d_name, 0));
		if (*e->d_name == '.') /* a piece behind one that broke off */
			continue;
		bytes += (uint64_t)st.st_size;
		++*n;
	}
	closedir(d);
	return bytes;
}

static void remove_folder(void)
{
	unsigned n;

	remove_files(&n);
	unlinkat(dir, "captures", AT_REMOVEDIR);
	rmdir(folder);
}

static void make_folder(void)
{
	CHECK(mkdtemp(folder));
	CHECK((dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0);
	CHECK(!mkdirat(dir, "captures", 0777));
	CHECK((captures = openat(dir, "captures", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0);
	atexit(remove_folder);
}

static void put(unsigned point, unsigned piece, struct part p)
{
	char name[32];

	if (!p.len)
		return;
	snprintf(name, sizeof(name), ".point-%u.%u", point, piece);
	int fd = openat(captures, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	CHECK(fd >= 0 && write(fd, p.at, p.len) == (ssize_t)p.len);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sfe_capture_file_row rows[N_POINTS] = {
		{.file = "captures/n.pcap", .name = "n"}, {.file = "captures/n.pcap", .name = "n"}};
	struct sfe_error err = {0};
	unsigned n;

	if (!size)
		return 0;
	if (dir < 0)
		make_folder();
	struct part rest = {(const char *)data + 1, size - 1};
	for (unsigned i = 0; i < N_POINTS * N_PIECES; i++)
		put(i / N_PIECES, i % N_PIECES, next_part(&rest));
	const struct sfe_capture_merge plan = {.rows = rows,
		.n = N_POINTS,
		.snap_bytes = data[0] & 64 ? 262144 : 60,
		.file_bytes = (data[0] & 3) * 100u,
		.files = data[0] >> 2 & 3,
		.most_bytes = data[0] & 48 ? 100u << (data[0] >> 4 & 3) : 1u << 20};
	uint64_t pieces = sfe_capture_pieces_bytes(dir, N_POINTS);
	CHECK(pieces <= size);
	int rc = sfe_capture_put_together(dir, &plan, &err);
	if (rc)
		check_error(&err, rc);
	CHECK(!rc || rc == -EDQUOT);
	/* Packets move from the pieces into files that have headers of their own. */
	uint64_t bytes = remove_files(&n);
	CHECK(bytes <= plan.most_bytes + (uint64_t)n * HEADER_BYTES);
	if (!rc)
		CHECK(n && bytes <= pieces + (uint64_t)n * HEADER_BYTES);
	if (plan.file_bytes && plan.files && !rc)
		CHECK(n <= plan.files);
	return 0;
}
