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

static void test_names(void)
{
	static const struct {
		const char *file, *name;
		uint64_t file_bytes;
	} bad[] = {
		{"../precious.pcap", "link_0", 0},
		{"captures/../../precious.pcap", "../../precious", 0},
		{"/dev/shm/precious.pcap", "link_0", 0},
		{"captures/link_1.pcap", "link_0", 0},
		{"captures/a/b.pcap", "a/b", 0},
		{"captures/.pcap", "", 0},
		{"captures/~.pcap", "~", 0},
		{"captures/link_0.N.pcap", "link_0", 0},
		{"captures/link_0.pcap", "link_0", 1000},
		{"manifest.json", "manifest.json", 0},
	};
	static const char *const good[] = {"link_0", "uplink_a~downlink_b"};
	struct sfe_error err;
	char path[128];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		make_folder();
		put("../precious.pcap", "precious");
		put_row(bad[i].file, bad[i].name);
		put_piece();
		err = (struct sfe_error){0};
		CU_ASSERT_EQUAL(sfe_capture_put_together(dir, bad[i].file_bytes, 0, &err), -EINVAL);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.what, bad[i].file));
		CU_ASSERT_EQUAL(size_of("../precious.pcap"), 8);
		remove_folder();
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		make_folder();
		snprintf(path, sizeof(path), "captures/%s.pcap", good[i]);
		put_row(path, good[i]);
		put_piece();
		CU_ASSERT_EQUAL(sfe_capture_put_together(dir, 0, 0, &err), 0);
		CU_ASSERT_EQUAL(size_of(path), 24 + 16 + 60);
		CU_ASSERT_EQUAL(size_of("captures/.point-0.0"), -1);
		remove_folder();
	}
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
	CU_ASSERT_EQUAL(sfe_capture_put_together(dir, 0, 0, &err), 0);
	CU_ASSERT_EQUAL(size_of("../precious.pcap"), 8);
	CU_ASSERT_EQUAL(size_of("captures/link_0.pcap"), 24 + 16 + 60);

	CU_ASSERT_EQUAL(symlinkat("../../precious.pcap", dir, "captures/.point-0.0"), 0);
	CU_ASSERT_EQUAL(sfe_capture_put_together(dir, 0, 0, &err), -ELOOP);
	CU_ASSERT_EQUAL(unlinkat(dir, "captures/.point-0.0", 0), 0);
	CU_ASSERT_EQUAL(mkfifoat(dir, "captures/.point-0.0", 0666), 0);
	CU_ASSERT_EQUAL(sfe_capture_put_together(dir, 0, 0, &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "FIFO"));
	remove_folder();

	/* A hole of 100 GB has no packets. */
	make_folder();
	put_row("captures/link_0.pcap", "link_0");
	put_piece();
	int fd = openat(dir, "captures/.point-0.0", O_WRONLY);
	CU_ASSERT_EQUAL(ftruncate(fd, 100000000000), 0);
	close(fd);
	CU_ASSERT_EQUAL(sfe_capture_put_together(dir, 0, 0, &err), 0);
	CU_ASSERT_EQUAL(size_of("captures/link_0.pcap"), 24 + 16 + 60);
	remove_folder();

	/* The folder of the captures is a link to another place. */
	make_folder();
	put_row("captures/link_0.pcap", "link_0");
	CU_ASSERT_EQUAL(unlinkat(dir, "captures", AT_REMOVEDIR), 0);
	CU_ASSERT_EQUAL(symlinkat("..", dir, "captures"), 0);
	CU_ASSERT_NOT_EQUAL(sfe_capture_put_together(dir, 0, 0, &err), 0);
	CU_ASSERT_EQUAL(size_of("../link_0.pcap"), -1);
	remove_folder();
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"other file names are refused", test_names},
		{"links in place of captures are not followed", test_planted},
	};

	return unit_main("capture files", tests, sizeof(tests) / sizeof(tests[0]));
}
