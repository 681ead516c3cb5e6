/* SPDX-License-Identifier: MIT */
/* `sfemu diff`: no difference if only facts of the host differ, else its place. */
#include "emu/results/diff/diff.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static char folder[2][64];

static int make_folders(void)
{
	char root[] = "/tmp/sfe-compare-XXXXXX";

	if (!mkdtemp(root))
		return -1;
	for (int i = 0; i < 2; i++) {
		snprintf(folder[i], sizeof(folder[i]), "%s/%c", root, "ab"[i]);
		if (mkdir(folder[i], 0700))
			return -1;
	}
	return 0;
}

static void remove_folders(void)
{
	char command[160];

	snprintf(command, sizeof(command), "rm -r '%.*s'", (int)strlen(folder[0]) - 2, folder[0]);
	CU_ASSERT_EQUAL(system(command), 0);
}

static void put(int side, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder[side], name);
	FILE *f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
}

/* The first line of the comparison; "": equal. */
static const char *first_line(void)
{
	static char line[1024];
	struct sfe_diff c;
	struct sfe_error err;

	CU_ASSERT_EQUAL_FATAL(sfe_diff_folders(folder[0], folder[1], &c, &err), 0);
	line[0] = 0;
	if (c.n_differences)
		snprintf(
			line, sizeof(line), "%s: %s", c.differences[0].file, c.differences[0].what);
	sfe_diff_free(&c);
	return line;
}

static bool says(const char *words)
{
	const char *line = first_line();

	if (strstr(line, words))
		return true;
	printf("says '%s' and not '%s'\n", line, words);
	return false;
}

static void test_same(void)
{
	CU_ASSERT_EQUAL_FATAL(make_folders(), 0);
	for (int i = 0; i < 2; i++)
		put(i, "jobs.csv", "strategy,job\nA,1\n");
	CU_ASSERT_STRING_EQUAL(first_line(), "");
	put(0, "only", "");
	CU_ASSERT_TRUE(says("only: is in "));
	remove_folders();
}

static void test_host_facts(void)
{
	static const char manifest[] =
		"{\"seed\": 1, \"started\": \"%s\", \"wall_s\": %d, \"host_kernel\": \"%s\", "
		"\"program\": {\"commit\": \"%s\"}, "
		"\"guest_kernel\": {\"path\": \"%s\", \"xxh3\": \"%d\"}, \"inputs\": "
		"{\"scenario\": "
		"{\"path\": \"scenario.yaml\", \"xxh3\": \"%s\"}, \"tasks\": {\"xxh3\": \"%d\"}}}";
	char text[512];

	CU_ASSERT_EQUAL_FATAL(make_folders(), 0);
	snprintf(text, sizeof(text), manifest, "yesterday", 3, "6.1", "x", "/a/linux", 7, "aa", 5);
	put(0, "manifest.json", text);
	snprintf(text, sizeof(text), manifest, "today", 4, "6.12", "y", "/b/linux", 7, "bb", 5);
	put(1, "manifest.json", text);
	put(0, "scenario.yaml", "seed: 1\nresults: \"/a\"\n");
	put(1, "scenario.yaml", "seed: 1\nresults: \"/b/c\"\n");
	CU_ASSERT_STRING_EQUAL(first_line(), "");
	snprintf(text, sizeof(text), manifest, "today", 4, "6.12", "y", "/b/linux", 8, "bb", 5);
	put(1, "manifest.json", text);
	CU_ASSERT_TRUE(says("guest_kernel.xxh3 is \"7\" and \"8\""));
	snprintf(text, sizeof(text), manifest, "today", 4, "6.12", "y", "/b/linux", 7, "bb", 6);
	put(1, "manifest.json", text);
	CU_ASSERT_TRUE(says("inputs.tasks.xxh3"));
	put(1, "scenario.yaml", "seed: 2\nresults: \"/b/c\"\n");
	CU_ASSERT_TRUE(says("scenario.yaml: line 1, byte 7 of it: 'seed: 1' and 'seed: 2'"));
	remove_folders();
}

/* A manifest of an earlier version has a key's former name. */
static void test_renamed_key(void)
{
	struct sfe_diff c;

	CU_ASSERT_EQUAL_FATAL(make_folders(), 0);
	put(0, "manifest.json", "{\"changed_by_hand\": 2, \"seed\": 1}");
	put(1, "manifest.json", "{\"seed\": 1, \"manual_changes\": 2}");
	CU_ASSERT_EQUAL_FATAL(sfe_diff_folders(folder[0], folder[1], &c, NULL), 0);
	CU_ASSERT_EQUAL(c.n_differences, 0);
	CU_ASSERT_EQUAL_FATAL(c.n_notes, 1);
	CU_ASSERT_STRING_EQUAL(c.notes[0].columns, "changed_by_hand was renamed to manual_changes");
	sfe_diff_free(&c);
	put(1, "manifest.json", "{\"seed\": 1, \"manual_changes\": 3}");
	CU_ASSERT_TRUE(says("manual_changes is 2 and 3"));
	remove_folders();
}

static void test_table(void)
{
	static const char columns[] = "strategy,job,step,node,request_s,finish_s\n";
	char text[512];

	CU_ASSERT_EQUAL_FATAL(make_folders(), 0);
	for (int i = 0; i < 2; i++) {
		/* Job 2 begins before job 1 and differs too: it is closer to the cause. */
		snprintf(text, sizeof(text),
			"%sA,1,0,n0,2.5,%s\nA,2,0,n1,0.5,%s\nB,1,0,n0,0.1,%s\n", columns,
			i ? "3" : "4", i ? "5" : "6", i ? "7" : "8");
		put(i, "invocations.csv", text);
		put(i, "jobs.csv", i ? "strategy,job\nA,2\n" : "strategy,job\nA,1\n");
	}
	CU_ASSERT_TRUE(says("invocations.csv: line 3 (strategy A, job 2, step 0, node n1, at "
			    "0.500000000 s): finish_s is '6' and '5'; the first of 3 rows"));
	/* Fields longer than a message, and one that holds a line end. */
	static const char names[] = "strategy,job,step,client,node,link,from,to,x\n";
	char field[100], row[1024] = "";
	memset(field, 'n', sizeof(field) - 1);
	field[sizeof(field) - 1] = 0;
	for (int c = 0; c < 8; c++)
		strcat(strcat(row, field), ",");
	for (int i = 0; i < 2; i++) {
		char table[2048];
		snprintf(table, sizeof(table), "%s%s%s\n", names, row, i ? "\"a\nb\"" : "c");
		put(i, "links.csv", table);
	}
	put(1, "invocations.csv", "");
	put(0, "invocations.csv", "");
	put(1, "jobs.csv", "strategy,job\nA,1\n");
	CU_ASSERT_TRUE(says("links.csv: line 2 (strategy nnnn"));
	put(0, "links.csv", "strategy,x\nA,1\n");
	put(1, "links.csv", "strategy,x\nA,\"1\n2\"\n");
	CU_ASSERT_TRUE(says("links.csv: line 2 (strategy A): x is '1' and '\"1?2\"'"));
	put(1, "links.csv", "strategy,x\nA,1\n");
	snprintf(text, sizeof(text), "%sA,1,0,n0,2.5,4\n", columns);
	put(0, "invocations.csv", text);
	put(1, "invocations.csv", columns);
	CU_ASSERT_TRUE(says("/b/invocations.csv ends before line 2"));
	put(1, "invocations.csv", "other\n");
	CU_ASSERT_TRUE(says("they have no column in common"));
	remove_folders();
}

/* Columns are matched by name; added, removed or renamed ones are listed separately. */
static void test_columns(void)
{
	struct sfe_diff c;

	CU_ASSERT_EQUAL_FATAL(make_folders(), 0);
	put(0, "jobs.csv", "strategy,job,other_ways_s,gone\nA,1,5,x\n");
	put(1, "jobs.csv", "job,other_paths_s,strategy,new\n1,5,A,y\n");
	CU_ASSERT_EQUAL_FATAL(sfe_diff_folders(folder[0], folder[1], &c, NULL), 0);
	CU_ASSERT_EQUAL(c.n_differences, 0);
	CU_ASSERT_EQUAL_FATAL(c.n_notes, 1);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(c.notes[0].columns, "other_ways_s was renamed to other_paths_s"));
	CU_ASSERT_PTR_NOT_NULL(strstr(c.notes[0].columns, "gone is in "));
	CU_ASSERT_PTR_NOT_NULL(strstr(c.notes[0].columns, "new is in "));
	sfe_diff_free(&c);
	put(1, "jobs.csv", "job,other_paths_s,strategy,new\n1,6,A,y\n");
	CU_ASSERT_TRUE(says("jobs.csv: line 2 (strategy A, job 1): other_ways_s is '5' and '6'"));
	/* The same columns in another order. */
	put(0, "jobs.csv", "strategy,job\nA,1\n");
	put(1, "jobs.csv", "job,strategy\n1,A\n");
	CU_ASSERT_EQUAL_FATAL(sfe_diff_folders(folder[0], folder[1], &c, NULL), 0);
	CU_ASSERT_EQUAL(c.n_differences, 0);
	CU_ASSERT_EQUAL_FATAL(c.n_notes, 1);
	CU_ASSERT_STRING_EQUAL(c.notes[0].columns, "they stand in another order");
	sfe_diff_free(&c);
	remove_folders();
}

struct frame {
	long s, ns;
	uint32_t sequence;
	unsigned char last;
};

static void put_capture(int side, const char *name, const struct frame *frames, unsigned n)
{
	/* Ethernet, IPv4 from 10.0.0.1 to 10.0.0.2, TCP from port 8080 to 4660, one byte. */
	unsigned char bytes[55] = {[12] = 8,
		[14] = 0x45,
		[23] = 6,
		[26] = 10,
		[29] = 1,
		[30] = 10,
		[33] = 2,
		[34] = 0x1f,
		[35] = 0x90,
		[36] = 0x12,
		[37] = 0x34,
		[46] = 0x50};
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder[side], name);
	pcap_t *p =
		pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 65535, PCAP_TSTAMP_PRECISION_NANO);
	pcap_dumper_t *d = pcap_dump_open(p, path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	for (unsigned i = 0; i < n; i++) {
		struct pcap_pkthdr h = {{frames[i].s, frames[i].ns}, sizeof(bytes), sizeof(bytes)};
		for (int k = 0; k < 4; k++)
			bytes[38 + k] = (unsigned char)(frames[i].sequence >> (24 - 8 * k));
		bytes[54] = frames[i].last;
		pcap_dump((unsigned char *)d, &h, bytes);
	}
	pcap_dump_close(d);
	pcap_close(p);
}

static void test_capture(void)
{
	const struct frame a[] = {{5, 1, 100, 1}, {5, 900, 101, 2}};
	const struct frame later[] = {{5, 1, 100, 1}, {5, 901, 101, 2}};
	const struct frame sequence[] = {{5, 1, 0x164, 1}, {5, 900, 101, 2}};
	const struct frame payload[] = {{5, 1, 100, 1}, {5, 900, 101, 3}};

	CU_ASSERT_EQUAL_FATAL(make_folders(), 0);
	put_capture(0, "x.pcap", a, 2);
	put_capture(1, "x.pcap", a, 2);
	CU_ASSERT_STRING_EQUAL(first_line(), "");
	put_capture(1, "x.pcap", later, 2);
	CU_ASSERT_TRUE(
		says("packet 2 (at 5.000000900 s, 10.0.0.1:8080 > 10.0.0.2:4660): its time is "
		     "5.000000900 and 5.000000901 s"));
	put_capture(1, "x.pcap", payload, 2);
	CU_ASSERT_TRUE(says("packet 2 (at 5.000000900 s, 10.0.0.1:8080 > 10.0.0.2:4660): payload "
			    "(offset 54) is 0x02 and 0x03"));
	put_capture(1, "x.pcap", a, 1);
	CU_ASSERT_TRUE(says("/b/x.pcap ends before it"));
	/* Of two captures that differ, the earlier difference comes first. */
	put_capture(0, "z.pcap", a, 2);
	put_capture(1, "z.pcap", sequence, 2);
	CU_ASSERT_TRUE(
		says("z.pcap: packet 1 (at 5.000000001 s, 10.0.0.1:8080 > 10.0.0.2:4660): TCP "
		     "sequence number (offset 38) is 0x00000064 and 0x00000164"));
	put(1, "z.pcap", "no capture");
	CU_ASSERT_PTR_NOT_NULL(strstr(first_line(), "x.pcap: packet 2"));
	remove_folders();
}

static void test_trouble(void)
{
	struct sfe_diff c;
	struct sfe_error err;

	CU_ASSERT_EQUAL_FATAL(make_folders(), 0);
	CU_ASSERT_EQUAL(sfe_diff_folders(folder[0], folder[1], &c, &err), -ENOENT);
	CU_ASSERT_EQUAL(sfe_diff_folders(folder[0], "/nonexistent", &c, &err), -ENOENT);
	put(0, "f", "");
	char path[128];
	snprintf(path, sizeof(path), "%s/f", folder[0]);
	CU_ASSERT_EQUAL(sfe_diff_folders(path, folder[0], &c, &err), -ENOTDIR);
	remove_folders();
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"equal folders", test_same},
		{"facts of the host do not count", test_host_facts},
		{"tables: row, time, column", test_table},
		{"a renamed key of the manifest", test_renamed_key},
		{"columns that were added, removed, renamed or moved", test_columns},
		{"captures: packet, time, flow, field", test_capture},
		{"folders that cannot be compared", test_trouble},
	};

	return unit_main("diff", tests, sizeof(tests) / sizeof(tests[0]));
}
