/* SPDX-License-Identifier: MIT */
/* Merging captures in a folder that others have written to. */
#include "emu/results/capture_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/results/results_file.h"
#include "tests/unit/unit.h"

static char folder[64];
static int dir;

static void make_folder(void)
{
	strcpy(folder, "/dev/shm/sfe-captures-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CU_ASSERT_FATAL(dir >= 0);
	CU_ASSERT_EQUAL(mkdirat(dir, "results", 0777), 0);
	int results = openat(dir, "results", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(dir);
	dir = results;
	CU_ASSERT_EQUAL(mkdirat(dir, "captures", 0777), 0);
}

static void remove_folder(void)
{
	char command[96];

	close(dir);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	CU_ASSERT_EQUAL(system(command), 0);
}

static void put(const char *path, const char *text)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void put_row(const char *file, const char *name)
{
	char text[512];

	snprintf(text, sizeof(text),
		"file,what,name,host,interface,direction,filter,packets,dropped_packets\n"
		"%s,link,%s,h,eth0,in,,0,0\n",
		file, name);
	put("captures.csv", text);
}

/* One packet in point 0's first piece. */
static void put_piece(void)
{
	static const u_char frame[60] = {1};
	struct pcap_pkthdr header = {.caplen = sizeof(frame), .len = sizeof(frame)};
	struct sfe_capture_writer w;

	CU_ASSERT_EQUAL_FATAL(sfe_capture_writer_open(&w, dir, 0, 65535, 0, 0, NULL), 0);
	sfe_capture_writer_put(&w, &header, frame);
	CU_ASSERT_EQUAL(sfe_capture_writer_close(&w), 0);
}

static long size_of(const char *path)
{
	struct stat st;

	return fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) ? -1 : (long)st.st_size;
}

/* As the orchestrator plans it: one point. */
static int put_together(const char *name, uint64_t file_bytes, uint64_t most, struct sfe_error *err)
{
	struct sfe_capture_file_row row = {0};
	const struct sfe_capture_merge plan = {.rows = &row,
		.n = 1,
		.snap_bytes = 65535,
		.file_bytes = file_bytes,
		.most_bytes = most};

	snprintf(row.file, sizeof(row.file), "captures/%s%s.pcap", name, file_bytes ? ".N" : "");
	snprintf(row.name, sizeof(row.name), "%s", name);
	return sfe_capture_put_together(dir, &plan, err);
}

/* What captures.csv says is the guest's. */
static void test_names(void)
{
	struct sfe_error err = {0};

	make_folder();
	put("../precious.pcap", "precious");
	put_row("../precious.pcap", "../precious");
	put_piece();
	CU_ASSERT_EQUAL(put_together("link_0", 0, UINT64_MAX, &err), 0);
	CU_ASSERT_EQUAL(size_of("../precious.pcap"), 8);
	CU_ASSERT_EQUAL(size_of("captures/link_0.pcap"), 24 + 16 + 60);
	CU_ASSERT_EQUAL(size_of("captures/.point-0.0"), -1);
	remove_folder();

	/* Another point than those of the plan. */
	make_folder();
	put_piece();
	CU_ASSERT_EQUAL(renameat(dir, "captures/.point-0.0", dir, "captures/.point-1.0"), 0);
	CU_ASSERT_EQUAL(put_together("link_0", 0, UINT64_MAX, &err), 0);
	CU_ASSERT_EQUAL(size_of("captures/link_0.pcap"), 24);
	CU_ASSERT_EQUAL(size_of("captures/.point-1.0"), 24 + 16 + 60);
	remove_folder();
}

/* A hole in a piece that says that it has long packets, and more packets than may be written. */
static void test_limits(void)
{
	static const struct {
		uint32_t zero[2], caplen, len;
	} longest = {{0, 0}, 262144, 262144};
	struct sfe_error err = {0};

	make_folder();
	put_piece();
	int fd = openat(dir, "captures/.point-0.0", O_WRONLY);
	CU_ASSERT_EQUAL(pwrite(fd, &longest.len, sizeof(longest.len), 16), sizeof(longest.len));
	for (int i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(
			pwrite(fd, &longest, sizeof(longest), 24 + 16 + 60 + i * (16l + 262144)),
			sizeof(longest));
	CU_ASSERT_EQUAL(ftruncate(fd, 24 + 16 + 60 + 100 * (16l + 262144)), 0);
	close(fd);
	CU_ASSERT_EQUAL(put_together("link_0", 0, UINT64_MAX, &err), 0);
	CU_ASSERT_EQUAL(size_of("captures/link_0.pcap"), 24 + 16 + 60);
	remove_folder();

	make_folder();
	put_piece();
	CU_ASSERT_EQUAL(sfe_capture_pieces_bytes(dir, 1), 24 + 16 + 60);
	CU_ASSERT_EQUAL(sfe_capture_pieces_bytes(dir, 0), 0);
	CU_ASSERT_EQUAL(put_together("link_0", 0, 75, &err), -EDQUOT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.todo, "--results-limit"));
	CU_ASSERT_EQUAL(size_of("captures/link_0.pcap"), 24);
	remove_folder();
}

/* Entries in place of a piece or of the result. */
static void test_planted(void)
{
	struct sfe_error err = {0};

	make_folder();
	put("../precious.pcap", "precious");
	put_row("captures/link_0.pcap", "link_0");
	put_piece();
	CU_ASSERT_EQUAL(symlinkat("../../precious.pcap", dir, "captures/link_0.pcap"), 0);
	CU_ASSERT_EQUAL(put_together("link_0", 0, UINT64_MAX, &err), 0);
	CU_ASSERT_EQUAL(size_of("../precious.pcap"), 8);
	CU_ASSERT_EQUAL(size_of("captures/link_0.pcap"), 24 + 16 + 60);

	CU_ASSERT_EQUAL(symlinkat("../../precious.pcap", dir, "captures/.point-0.0"), 0);
	CU_ASSERT_EQUAL(put_together("link_0", 0, UINT64_MAX, &err), -ELOOP);
	CU_ASSERT_EQUAL(unlinkat(dir, "captures/.point-0.0", 0), 0);
	CU_ASSERT_EQUAL(mkfifoat(dir, "captures/.point-0.0", 0666), 0);
	CU_ASSERT_EQUAL(put_together("link_0", 0, UINT64_MAX, &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "FIFO"));
	remove_folder();

	/* A hole of 100 GB has no packets. */
	make_folder();
	put_row("captures/link_0.pcap", "link_0");
	put_piece();
	int fd = openat(dir, "captures/.point-0.0", O_WRONLY);
	CU_ASSERT_EQUAL(ftruncate(fd, 100000000000), 0);
	close(fd);
	CU_ASSERT_EQUAL(put_together("link_0", 0, UINT64_MAX, &err), 0);
	CU_ASSERT_EQUAL(size_of("captures/link_0.pcap"), 24 + 16 + 60);
	remove_folder();

	/* The folder of the captures is a link to another place. */
	make_folder();
	put_row("captures/link_0.pcap", "link_0");
	CU_ASSERT_EQUAL(unlinkat(dir, "captures", AT_REMOVEDIR), 0);
	CU_ASSERT_EQUAL(symlinkat("..", dir, "captures"), 0);
	CU_ASSERT_NOT_EQUAL(put_together("link_0", 0, UINT64_MAX, &err), 0);
	CU_ASSERT_EQUAL(size_of("../link_0.pcap"), -1);
	remove_folder();
}

/* In a guest each write is two switches of host processes: packets are written many at a time. */
static void test_parts(void)
{
	static const u_char frame[1500] = {1};
	struct pcap_pkthdr header = {.caplen = sizeof(frame), .len = sizeof(frame)};
	const long bytes = 16 + sizeof(frame);
	struct sfe_capture_writer w;

	make_folder();
	CU_ASSERT_EQUAL_FATAL(sfe_capture_writer_open(&w, dir, 0, 65535, 0, 0, NULL), 0);
	for (unsigned i = 0; i < 20; i++)
		sfe_capture_writer_put(&w, &header, frame);
	CU_ASSERT_EQUAL(size_of("captures/.point-0.0"), 0);
	for (unsigned i = 0; i < 20; i++)
		sfe_capture_writer_put(&w, &header, frame);
	CU_ASSERT(size_of("captures/.point-0.0") >= 20 * bytes);
	sfe_capture_writer_flush(&w);
	CU_ASSERT_EQUAL(size_of("captures/.point-0.0"), 24 + 40 * bytes);
	CU_ASSERT_EQUAL(sfe_capture_writer_close(&w), 0);
	CU_ASSERT_EQUAL(size_of("captures/.point-0.0"), 24 + 40 * bytes);
	remove_folder();
}

/* So are tables, of which several are open. */
static void test_tables(void)
{
	static const char row[100] = "a row";
	struct sfe_error err = {0};
	FILE *f[3];

	make_folder();
	for (unsigned i = 0; i < 3; i++) {
		const char name[] = {(char)('a' + i), 0};
		f[i] = sfe_results_open(dir, name, "w", &err);
		CU_ASSERT_PTR_NOT_NULL_FATAL(f[i]);
		for (unsigned n = 0; n < 600; n++)
			fwrite(row, 1, sizeof(row), f[i]);
		CU_ASSERT_EQUAL(size_of(name), 0);
	}
	CU_ASSERT_EQUAL(sfe_results_close(f[1], "b", &err), 0);
	CU_ASSERT_EQUAL(sfe_results_close(f[2], "c", &err), 0);
	CU_ASSERT_EQUAL(sfe_results_close(f[0], "a", &err), 0);
	for (unsigned i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(size_of((const char[]){(char)('a' + i), 0}), 60000);
	remove_folder();
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"files that no capture has are neither written nor read", test_names},
		{"no packet is longer than what is captured, and all have a limit", test_limits},
		{"what was put in a capture's place is not followed", test_planted},
		{"packets are written many at a time", test_parts},
		{"tables are written in large parts", test_tables},
	};

	return unit_main("capture files", tests, sizeof(tests) / sizeof(tests[0]));
}
