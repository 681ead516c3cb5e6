/* SPDX-License-Identifier: MIT */
/* What guests leave is put together: in order, headers once, nothing followed that is no file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/experiment/keep_check.h"
#include "emu/guests/merge_captures.h"
#include "emu/guests/merge_states.h"
#include "emu/guests/merge_tables.h"
#include "emu/results/capture_files.h"
#include "emu/results/ordered_jobs.h"
#include "emu/results/trace_events.h"
#include "emu/security/folder.h"
#include "tests/unit/unit.h"

struct folders {
	char path[64];
	int top, all, part[2];
};

static int folder_in(int dir, const char *name)
{
	CU_ASSERT_EQUAL_FATAL(mkdirat(dir, name, 0700), 0);
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CU_ASSERT_FATAL(fd >= 0);
	return fd;
}

static void begin(struct folders *f)
{
	snprintf(f->path, sizeof(f->path), "/tmp/sfemu-merge-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->path));
	f->top = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->all = folder_in(f->top, "all");
	f->part[0] = folder_in(f->top, "s0");
	f->part[1] = folder_in(f->top, "s1");
}

static void end(struct folders *f)
{
	static const char *const names[] = {"all", "s0", "s1"};
	struct sfe_error err = {0};

	close(f->all);
	close(f->part[0]);
	close(f->part[1]);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(sfe_folder_remove(f->top, names[i], &err), 0);
	close(f->top);
	rmdir(f->path);
}

static void put_bytes(int dir, const char *name, const char *text, size_t len)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, text, len), (ssize_t)len);
	close(fd);
}

static void put(int dir, const char *name, const char *text)
{
	put_bytes(dir, name, text, strlen(text));
}

static void expect(int dir, const char *name, const char *text)
{
	char *have = NULL;
	size_t len;
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL(sfe_folder_load(dir, name, 1 << 20, &have, &len, &err), 0);
	if (have)
		CU_ASSERT_STRING_EQUAL(have, text);
	free(have);
}

static void test_tables(void)
{
	struct sfe_error err = {0};
	struct folders f;

	begin(&f);
	/* A guest that was killed may leave half a row. */
	put(f.part[0], "jobs.csv", "a,b\n1,2\n3,4\n5,");
	put(f.part[1], "jobs.csv", "a,b\n5,6\n");
	/* Only the second has it. */
	put(f.part[1], "events.csv", "x\n7\n");
	/* The second was killed before it wrote anything. */
	put(f.part[0], "links.csv", "l\n1\n");
	put(f.part[1], "links.csv", "");
	put(f.part[0], "hosts", "1 a\n");
	CU_ASSERT_EQUAL(sfe_merge_tables(f.all, f.part[0], &err), 0);
	CU_ASSERT_EQUAL(sfe_merge_copy(f.all, f.part[0], "hosts", &err), 0);
	CU_ASSERT_EQUAL(sfe_merge_tables(f.all, f.part[1], &err), 0);
	CU_ASSERT_EQUAL(sfe_merge_copy(f.all, f.part[1], "hosts", &err), 0);
	expect(f.all, "jobs.csv", "a,b\n1,2\n3,4\n5,6\n");
	expect(f.all, "events.csv", "x\n7\n");
	expect(f.all, "links.csv", "l\n1\n");
	expect(f.all, "hosts", "1 a\n");
	CU_ASSERT(faccessat(f.part[0], "jobs.csv", F_OK, 0) && errno == ENOENT);
	end(&f);
}

/* Files of a guest that are not what they must be end the merging with their names. */
static void test_wicked(void)
{
	struct sfe_error err = {0};
	struct folders f;

	begin(&f);
	put(f.top, "secret", "a,b\nsecret\n");
	CU_ASSERT_EQUAL(symlinkat("../secret", f.part[0], "jobs.csv"), 0);
	CU_ASSERT(sfe_merge_tables(f.all, f.part[0], &err) < 0);
	CU_ASSERT(faccessat(f.all, "jobs.csv", F_OK, 0) && errno == ENOENT);
	unlinkat(f.part[0], "jobs.csv", 0);

	CU_ASSERT_EQUAL(mkfifoat(f.part[0], "jobs.csv", 0600), 0);
	CU_ASSERT(sfe_merge_tables(f.all, f.part[0], &err) < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.where, "jobs.csv"));
	unlinkat(f.part[0], "jobs.csv", 0);

	CU_ASSERT_EQUAL(symlinkat("../secret", f.part[0], "hosts"), 0);
	CU_ASSERT(sfe_merge_copy(f.all, f.part[0], "hosts", &err) < 0);
	unlinkat(f.part[0], "hosts", 0);

	/* Whoever owns the folder might link what only root may read. */
	CU_ASSERT_EQUAL(linkat(f.top, "secret", f.part[0], "hosts", 0), 0);
	CU_ASSERT_EQUAL(sfe_merge_copy(f.all, f.part[0], "hosts", &err), -EMLINK);
	unlinkat(f.part[0], "hosts", 0);

	put(f.part[0], "jobs.csv", "a,b\n1,2\n");
	put(f.part[1], "jobs.csv", "a,c\n1,2\n");
	CU_ASSERT_EQUAL(sfe_merge_tables(f.all, f.part[0], &err), 0);
	CU_ASSERT_EQUAL(sfe_merge_tables(f.all, f.part[1], &err), -EPROTO);
	CU_ASSERT_STRING_EQUAL(err.where, "jobs.csv");
	unlinkat(f.top, "secret", 0);
	end(&f);
}

/* Whatever of a guest is read, and not only moved. */
static void test_hard_links(void)
{
	static const char *const names[] = {"jobs.csv", "hosts", "states.csv", "trace.json",
		"captures.csv", "shared_states.csv", "x.pcap"};
	static const struct sfe_strategy_info one = {.name = "One"};
	struct sfe_scenario s = {.n_strategies = 1, .strategies = {&one}};
	struct sfe_capture_file_row row = {.name = "x"};
	struct sfe_capture_numbers numbers = {1, 1};
	struct folders f;

	begin(&f);
	put(f.top, "secret", "secret\n");
	put(f.all, "x.pcap", "secret\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CU_ASSERT_EQUAL(linkat(f.top, "secret", f.part[0], names[i], 0), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct sfe_merged_states states = {.scenario = &s, .dir = f.all};
		struct sfe_merged_captures captures = {
			.scenario = &s, .dir = f.all, .rows = &row, .numbers = &numbers, .n = 1};
		struct sfe_ordered_jobs jobs = {0};
		struct sfe_error err = {0};
		int r = i == 0   ? sfe_merge_tables(f.all, f.part[0], &err)
			: i == 1 ? sfe_merge_copy(f.all, f.part[0], names[i], &err)
			: i == 2 ? sfe_merge_states(&states, f.part[0], 0, &err)
			: i == 3 ? sfe_trace_append(f.all, f.part[0], true, &err)
			: i == 4 ? sfe_merge_captures(&captures, f.part[0], true, &err)
			: i == 5 ? sfe_ordered_jobs_read(&jobs, f.part[0], &err)
				 : sfe_capture_append(f.all, f.part[0], names[i], &err);
		CU_ASSERT_EQUAL(r, -EMLINK);
		CU_ASSERT_STRING_EQUAL(err.where, names[i]);
	}
	unlinkat(f.top, "secret", 0);
	end(&f);
}

#define BEGIN "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
#define END "\n]}\n"

static void test_trace(void)
{
	struct sfe_error err = {0};
	struct folders f;

	begin(&f);
	put(f.part[0], "trace.json", BEGIN "{\"a\":1}" END);
	put(f.part[1], "trace.json", BEGIN "{\"b\":2},\n{\"c\":3}" END);
	CU_ASSERT_EQUAL(sfe_trace_append(f.all, f.part[0], true, &err), 0);
	CU_ASSERT_EQUAL(sfe_trace_append(f.all, f.part[1], true, &err), 0);
	expect(f.all, "trace.json", BEGIN "{\"a\":1},\n{\"b\":2},\n{\"c\":3}" END);
	/* One that broke off is left out, and of a whole run it is an error. */
	put(f.part[1], "trace.json", BEGIN "{\"d\":");
	CU_ASSERT_EQUAL(sfe_trace_append(f.all, f.part[1], false, &err), 0);
	CU_ASSERT_EQUAL(sfe_trace_append(f.all, f.part[1], true, &err), -EPROTO);
	unlinkat(f.part[1], "trace.json", 0);
	CU_ASSERT_EQUAL(sfe_trace_append(f.all, f.part[1], false, &err), 0);
	CU_ASSERT_EQUAL(sfe_trace_append(f.all, f.part[1], true, &err), -ENOENT);
	expect(f.all, "trace.json", BEGIN "{\"a\":1},\n{\"b\":2},\n{\"c\":3}" END);
	end(&f);
}

#define STATES "strategy,job,what,state,node,condition,version,size_bytes,digest,file\n"
#define ROW(strategy, what, state, digest, of, name)                                               \
	strategy ",7," what "," state ",n1,held,1,3," digest ",states/" of "/job-7/" name "\n"
#define D1 "0x0000000000000001"
#define D2 "0x0000000000000002"

static void leave_states(int part, const char *strategy, const char *bytes)
{
	int states = folder_in(part, "states"), under = folder_in(states, strategy),
	    job = folder_in(under, "job-7");

	put(job, "s0", bytes);
	put(job, "return", "ret");
	close(states);
	close(under);
	close(job);
}

/* A value that both have left has one file; one that differs has its own. */
static void test_states(void)
{
	static const struct sfe_strategy_info one = {.name = "One"}, two = {.name = "Two"};
	struct sfe_scenario s = {.n_strategies = 2, .strategies = {&one, &two}};
	struct sfe_error err = {0};
	struct folders f;

	begin(&f);
	struct sfe_merged_states m = {.scenario = &s, .dir = f.all};
	leave_states(f.part[0], "One", "abc");
	leave_states(f.part[1], "Two", "xyz");
	put(f.part[0], "states.csv",
		STATES ROW("One", "state", "s0", D1, "One", "s0")
			ROW("One", "return", "", D2, "One", "return"));
	/* What the guest says of the file does not count. */
	put(f.part[1], "states.csv",
		STATES ROW("Two", "state", "s0", D2, "../../etc", "passwd")
			ROW("Two", "return", "", D2, "Two", "return"));
	CU_ASSERT_EQUAL(sfe_merge_states(&m, f.part[0], 0, &err), 0);
	CU_ASSERT_EQUAL(sfe_merge_states(&m, f.part[1], 1, &err), 0);
	expect(f.all, "states.csv",
		STATES ROW("One", "state", "s0", D1, "One", "s0") ROW("One", "return", "", D2,
			"One", "return") ROW("Two", "state", "s0", D2, "Two", "s0")
			ROW("Two", "return", "", D2, "One", "return"));
	expect(f.all, "states/One/job-7/s0", "abc");
	expect(f.all, "states/One/job-7/return", "ret");
	expect(f.all, "states/Two/job-7/s0", "xyz");
	CU_ASSERT(faccessat(f.all, "states/Two/job-7/return", F_OK, 0) && errno == ENOENT);
	sfe_merged_states_free(&m);
	end(&f);
}

/* States that outlive jobs are told apart by workflow and instance. */
static void test_shared_states(void)
{
#define SHARED_STATES                                                                              \
	"strategy,job,what,state,node,condition,version,size_bytes,digest,file,instance,"          \
	"workflow,epoch\n"
#define SHARED(strategy, digest, of, place, instance, workflow)                                    \
	strategy ",0,shared,s,n1,held,1,3," digest ",states/" of "/" place "," instance            \
		 "," workflow ",0\n"
	static const struct sfe_strategy_info one = {.name = "One"}, two = {.name = "Two"};
	struct sfe_scenario s = {.n_strategies = 2, .strategies = {&one, &two}};
	struct sfe_error err = {0};
	struct folders f;

	begin(&f);
	struct sfe_merged_states m = {.scenario = &s, .dir = f.all, .shared = true};
	for (int i = 0; i < 2; i++) {
		int states = folder_in(f.part[i], "states"),
		    under = folder_in(states, i ? "Two" : "One"), all = folder_in(under, "shared"),
		    own = folder_in(under, "shared-w");
		put(all, "s", "all");
		put(own, "s+c1", "c1.");
		put(own, "s+c2", i ? "new" : "c2.");
		close(states);
		close(under);
		close(all);
		close(own);
	}
	put(f.part[0], "states.csv",
		SHARED_STATES SHARED("One", D1, "One", "shared/s", "", "")
			SHARED("One", D1, "One", "shared-w/s+c1", "c1", "w")
				SHARED("One", D1, "One", "shared-w/s+c2", "c2", "w"));
	put(f.part[1], "states.csv",
		SHARED_STATES SHARED("Two", D1, "Two", "shared/s", "", "")
			SHARED("Two", D1, "Two", "shared-w/s+c1", "c1", "w")
				SHARED("Two", D2, "Two", "shared-w/s+c2", "c2", "w"));
	CU_ASSERT_EQUAL(sfe_merge_states(&m, f.part[0], 0, &err), 0);
	CU_ASSERT_EQUAL(sfe_merge_states(&m, f.part[1], 1, &err), 0);
	expect(f.all, "states.csv",
		SHARED_STATES SHARED("One", D1, "One", "shared/s", "", "") SHARED(
			"One", D1, "One", "shared-w/s+c1", "c1", "w") SHARED("One", D1, "One",
			"shared-w/s+c2", "c2", "w") SHARED("Two", D1, "One", "shared/s", "", "")
			SHARED("Two", D1, "One", "shared-w/s+c1", "c1", "w")
				SHARED("Two", D2, "Two", "shared-w/s+c2", "c2", "w"));
	expect(f.all, "states/One/shared-w/s+c2", "c2.");
	expect(f.all, "states/Two/shared-w/s+c2", "new");
	CU_ASSERT(faccessat(f.all, "states/Two/shared/s", F_OK, 0) && errno == ENOENT);
	sfe_merged_states_free(&m);
	end(&f);
}

/* States that functions created: what a guest says of them is a stranger's text, and none leaves
 * its folder; deleted ones have no file. */
static void test_created_states(void)
{
#define CREATED(strategy, state, condition, digest, file)                                          \
	strategy ",0,created," state ",n1," condition ",1,3," digest "," file "\n"
	static const struct sfe_strategy_info one = {.name = "One"}, two = {.name = "Two"};
	struct sfe_scenario s = {.n_strategies = 2, .strategies = {&one, &two}, .file = "s.yaml"};
	struct sfe_error err = {0};
	struct folders f;

	begin(&f);
	struct sfe_merged_states m = {.scenario = &s, .dir = f.all};
	for (int i = 0; i < 2; i++) {
		int states = folder_in(f.part[i], "states"),
		    under = folder_in(states, i ? "Two" : "One"),
		    created = folder_in(under, "created");
		put(created, "x", "abc");
		put(created, "%2E.%2Fy", "up.");
		close(states);
		close(under);
		close(created);
	}
	put(f.part[0], "states.csv",
		STATES CREATED("One", "x", "held", D1, "states/One/created/x")
			CREATED("One", "../y", "lost", D1, "../../y")
				CREATED("One", "z", "absent", D1, "/etc/passwd"));
	put(f.part[1], "states.csv",
		STATES CREATED("Two", "../y", "held", D2, "z") CREATED("Two", "x", "held", D1, ""));
	CU_ASSERT_EQUAL(sfe_merge_states(&m, f.part[0], 0, &err), 0);
	CU_ASSERT_EQUAL(sfe_merge_states(&m, f.part[1], 1, &err), 0);
	expect(f.all, "states.csv",
		STATES CREATED("One", "x", "held", D1, "states/One/created/x")
			CREATED("One", "../y", "lost", D1, "states/One/created/%2E.%2Fy")
				CREATED("One", "z", "absent", D1, "") CREATED(
					"Two", "../y", "held", D2, "states/Two/created/%2E.%2Fy")
					CREATED("Two", "x", "held", D1, "states/One/created/x"));
	expect(f.all, "states/Two/created/%2E.%2Fy", "up.");
	CU_ASSERT(faccessat(f.all, "states/Two/created/x", F_OK, 0) && errno == ENOENT);
	CU_ASSERT_EQUAL(m.n_files, 4);
	m.n_files = SFE_MAX_KEPT_FILES;
	CU_ASSERT_EQUAL(sfe_merge_states(&m, f.part[0], 0, &err), -E2BIG);
	sfe_merged_states_free(&m);
	end(&f);
}

static void test_captures(void)
{
	static const char head[24] = "the header of a capture", other[24] = "another one";
	struct sfe_error err = {0};
	struct folders f;
	char text[64];

	begin(&f);
	memcpy(text, head, 24);
	memcpy(text + 24, "abc", 4);
	put_bytes(f.all, "x.pcap", text, 27);
	memcpy(text + 24, "def", 4);
	put_bytes(f.part[0], "x.pcap", text, 27);
	CU_ASSERT_EQUAL(sfe_capture_append(f.all, f.part[0], "x.pcap", &err), 0);
	struct stat st;
	CU_ASSERT_EQUAL(fstatat(f.all, "x.pcap", &st, 0), 0);
	CU_ASSERT_EQUAL(st.st_size, 30);
	memcpy(text, other, 24);
	put_bytes(f.part[1], "x.pcap", text, 27);
	CU_ASSERT_EQUAL(sfe_capture_append(f.all, f.part[1], "x.pcap", &err), -EPROTO);
	end(&f);
}

/* Files of a size: numbers go on, and a ring keeps the newest. */
static void test_capture_ring(void)
{
	struct sfe_scenario s = {.capture = {.n = 1, .file_bytes = 100, .files = 3}};
	struct sfe_capture_file_row *rows = calloc(1, sizeof(*rows));
	struct sfe_capture_numbers *numbers = calloc(1, sizeof(*numbers));
	const char *points = "file,what,name,host,interface,direction,filter,packets,"
			     "dropped_packets\ncaptures/x.N.pcap,link,x,h,eth0,in,,5,1\n";
	struct sfe_error err = {0};
	struct folders f;

	begin(&f);
	CU_ASSERT_FATAL(rows && numbers);
	snprintf(rows->file, sizeof(rows->file), "captures/x.N.pcap");
	snprintf(rows->name, sizeof(rows->name), "x");
	numbers[0] = (struct sfe_capture_numbers){1, 1};
	struct sfe_merged_captures c = {
		.scenario = &s, .dir = f.all, .rows = rows, .numbers = numbers, .n = 1};
	for (int i = 0; i < 2; i++) {
		int captures = folder_in(f.part[i], "captures");
		put(f.part[i], "captures.csv", points);
		put(captures, "x.1.pcap", i ? "b1" : "a1");
		put(captures, "x.2.pcap", i ? "b2" : "a2");
		put(captures, "x.02.pcap", "none of ours");
		close(captures);
		CU_ASSERT_EQUAL(sfe_merge_captures(&c, f.part[i], true, &err), 0);
	}
	CU_ASSERT(faccessat(f.all, "captures/x.1.pcap", F_OK, 0) && errno == ENOENT);
	expect(f.all, "captures/x.2.pcap", "a2");
	expect(f.all, "captures/x.3.pcap", "b1");
	expect(f.all, "captures/x.4.pcap", "b2");
	CU_ASSERT_EQUAL(rows->packets, 10);
	CU_ASSERT_EQUAL(rows->dropped_packets, 2);
	put(f.part[1], "captures.csv", "file,what\n");
	CU_ASSERT(sfe_merge_captures(&c, f.part[1], true, &err) < 0);
	sfe_merged_captures_free(&c);
	end(&f);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"tables", test_tables},
		{"files that are none", test_wicked},
		{"files with another name", test_hard_links},
		{"trace", test_trace},
		{"kept states", test_states},
		{"states that outlive jobs", test_shared_states},
		{"states that functions created", test_created_states},
		{"captures", test_captures},
		{"a ring of captures", test_capture_ring},
	};

	return unit_main("merge", tests, sizeof(tests) / sizeof(tests[0]));
}
