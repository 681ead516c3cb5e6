/* SPDX-License-Identifier: MIT */
/* Kept states: names of files, files that strategies share, bytes that are not as recorded. */
#include "emu/results/kept_states.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "emu/experiment/keep_check.h"
#include "nodes/worker/kept_bytes.h"
#include "tests/unit/unit.h"

static void test_names(void)
{
	static const char *const names[][2] = {{"counts", "counts"}, {"a-b_c.d9", "a-b_c.d9"},
		{"return", "%72eturn"}, {"returns", "returns"}, {".", "%2E"}, {"..", "%2E."},
		{"a/b", "a%2Fb"}, {"50%", "50%25"}, {"\303\244 \n", "%C3%A4%20%0A"}};
	char buf[64], tight[6];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CU_ASSERT_STRING_EQUAL(sfe_kept_name(names[i][0], buf, sizeof(buf)), names[i][1]);
	CU_ASSERT_STRING_EQUAL(sfe_kept_name("////////", tight, sizeof(tight)), "%2F");
}

/* Two jobs, of which the second failed, and two strategies. */
struct lab {
	char folder[32];
	int dir, memory;
	_Atomic uint64_t end;
	struct sfe_keep keep;
	uint64_t state_bytes[2];
	struct sfe_job job[2];
	struct sfe_deployed_job jobs[2];
	struct sfe_strategy_info strategy[2];
	struct sfe_scenario scenario;
	struct sfe_node node;
	struct sfe_topology topology;
	struct sfe_experiment e;
	struct sfe_job_result result[2];
	struct sfe_kept_state kept;
	struct sfe_replay replay;
};

static uint64_t put(struct lab *l, const char *text)
{
	const struct slice bytes = {.data = (uint8_t *)text, .size = strlen(text)};

	return kept_bytes_add(&l->keep, &bytes);
}

static void lab_open(struct lab *l)
{
	*l = (struct lab){.folder = "/tmp/sfe-kept-XXXXXX",
		.memory = memfd_create("test", MFD_CLOEXEC),
		.strategy = {{.name = "First"}, {.name = "Second"}},
		.node = {.name = "rpi_0"}};
	CU_ASSERT_FATAL(l->memory >= 0 && mkdtemp(l->folder));
	l->dir = open(l->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CU_ASSERT_FATAL(l->dir >= 0);
	l->keep = (struct sfe_keep){l->memory, &l->end};
	for (int j = 0; j < 2; j++) {
		l->job[j] = (struct sfe_job){
			.number = 7 + j, .n_states = 2, .state_bytes = l->state_bytes};
		l->jobs[j] = (struct sfe_deployed_job){.job = &l->job[j]};
		l->scenario.strategies[j] = &l->strategy[j];
	}
	l->scenario.n_strategies = 2;
	l->scenario.keep = SFE_KEEP_STATES;
	l->topology = (struct sfe_topology){.n_nodes = 1, .nodes = &l->node};
	l->e = (struct sfe_experiment){
		.scenario = &l->scenario, .topology = &l->topology, .n_jobs = 2, .jobs = l->jobs};
	l->result[0] = (struct sfe_job_result){.ended = true,
		.return_bytes = 4,
		.return_digest = XXH3_64bits("done", 4),
		.return_kept_at = put(l, "done")};
	l->result[1] = (struct sfe_job_result){.ended = true, .status = -EIO};
	l->kept = (struct sfe_kept_state){.job = 0,
		.state = 1,
		.version = 3,
		.bytes = 5,
		.digest = XXH3_64bits("bytes", 5),
		.kept_at = put(l, "bytes")};
	l->replay =
		(struct sfe_replay){.n_jobs = 2, .jobs = l->result, .n_kept = 1, .kept = &l->kept};
}

static void lab_close(struct lab *l)
{
	char command[64];

	close(l->dir);
	close(l->memory);
	snprintf(command, sizeof(command), "rm -r %s", l->folder);
	CU_ASSERT(!system(command));
}

static int write_under(
	struct lab *l, struct sfe_kept_files *k, uint32_t strategy, struct sfe_error *err)
{
	l->replay.strategy = &l->strategy[strategy];
	return sfe_kept_files_write(k, l->dir, l->memory, &l->replay, strategy, true, err);
}

static const char *content(struct lab *l, const char *name)
{
	static char text[1024];
	int fd = openat(l->dir, name, O_RDONLY | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = 0;
	return n < 0 ? NULL : text;
}

static void test_shared(void)
{
	struct sfe_error err = {0};
	struct sfe_kept_files k;
	struct lab l;

	lab_open(&l);
	CU_ASSERT_FATAL(!sfe_kept_files_open(&k, &l.e, &err));
	CU_ASSERT_EQUAL(write_under(&l, &k, 0, &err), 0);
	CU_ASSERT_STRING_EQUAL(content(&l, "states/First/job-7/s1"), "bytes");
	CU_ASSERT_STRING_EQUAL(content(&l, "states/First/job-7/return"), "done");
	/* The same value in the same job, and another state: only that is written. */
	l.kept.bytes = 6;
	l.kept.digest = XXH3_64bits("others", 6);
	l.kept.kept_at = put(&l, "others");
	CU_ASSERT_EQUAL(write_under(&l, &k, 1, &err), 0);
	CU_ASSERT_STRING_EQUAL(content(&l, "states/Second/job-7/s1"), "others");
	/* The failed job has none. */
	CU_ASSERT_PTR_NULL(content(&l, "states/Second/job-7/return"));
	CU_ASSERT_PTR_NULL(content(&l, "states/First/job-8/return"));
	const unsigned long long bytes = XXH3_64bits("bytes", 5), others = l.kept.digest,
				 returned = l.result[0].return_digest;
	char want[1024];
	snprintf(want, sizeof(want),
		"strategy,job,what,state,node,condition,version,size_bytes,digest,file\n"
		"First,7,state,s1,rpi_0,held,3,5,0x%016llx,states/First/job-7/s1\n"
		"First,7,return,,rpi_0,held,0,4,0x%016llx,states/First/job-7/return\n"
		"Second,7,state,s1,rpi_0,held,3,6,0x%016llx,states/Second/job-7/s1\n"
		"Second,7,return,,rpi_0,held,0,4,0x%016llx,states/First/job-7/return\n",
		bytes, returned, others, returned);
	CU_ASSERT_STRING_EQUAL(content(&l, "states.csv"), want);
	sfe_kept_files_free(&k);
	lab_close(&l);
}

static void test_not_as_recorded(void)
{
	struct sfe_error err = {0};
	struct sfe_kept_files k;
	struct lab l;

	lab_open(&l);
	CU_ASSERT_FATAL(!sfe_kept_files_open(&k, &l.e, &err));
	l.kept.digest++;
	CU_ASSERT_EQUAL(write_under(&l, &k, 0, &err), -EBADMSG);
	CU_ASSERT_STRING_EQUAL(err.where, "states/First/job-7/s1");
	l.kept.kept_at = 1000; /* beyond the end */
	CU_ASSERT_EQUAL(write_under(&l, &k, 0, &err), -ENODATA);
	l.kept.kept_at = 0;
	CU_ASSERT_EQUAL(write_under(&l, &k, 0, &err), -ENOMEM);
	sfe_kept_files_free(&k);
	lab_close(&l);
}

/* States that functions created have numbers of their own under each strategy, and one file by name
 * and bytes. A deleted one has a row only. */
static void test_created(void)
{
	struct sfe_ctl_created created[2][3] = {
		{{.name = "a"}, {.name = "return"}, {.name = "gone"}},
		{{.name = "return"}, {.name = "a"}, {.name = "unused"}}};
	struct sfe_error err = {0};
	struct sfe_kept_files k;
	struct lab l;

	lab_open(&l);
	struct sfe_kept_shared kept[3] = {
		{.any = true, .version = 1, .bytes = 5, .digest = XXH3_64bits("bytes", 5)},
		{.any = true,
			.version = 9,
			.condition = SFE_STATE_LOST,
			.epoch = 2,
			.bytes = 3,
			.digest = XXH3_64bits("abc", 3)},
		{.any = true, .absent = true, .version = 2, .digest = XXH3_64bits("", 0)}};
	kept[0].kept_at = put(&l, "bytes");
	kept[1].kept_at = put(&l, "abc");
	kept[2].kept_at = put(&l, "");
	l.replay.n_jobs = l.replay.n_kept = 0;
	l.replay.n_created = 3;
	l.replay.created = created[0];
	l.replay.kept_shared = kept;
	CU_ASSERT_FATAL(!sfe_kept_files_open(&k, &l.e, &err));
	uint64_t known = k.n_files;
	CU_ASSERT_EQUAL(write_under(&l, &k, 0, &err), 0);
	CU_ASSERT_STRING_EQUAL(content(&l, "states/First/created/a"), "bytes");
	CU_ASSERT_STRING_EQUAL(content(&l, "states/First/created/%72eturn"), "abc");
	CU_ASSERT_PTR_NULL(content(&l, "states/First/created/gone"));
	/* The same names with other numbers: the bytes of one are those of before. */
	l.replay.created = created[1];
	struct sfe_kept_shared one = kept[0];
	kept[0] = kept[1];
	kept[1] = one;
	kept[0].bytes = 5;
	kept[0].digest = one.digest;
	kept[0].kept_at = one.kept_at;
	kept[2].any = false;
	CU_ASSERT_EQUAL(write_under(&l, &k, 1, &err), 0);
	CU_ASSERT_STRING_EQUAL(content(&l, "states/Second/created/%72eturn"), "bytes");
	CU_ASSERT_PTR_NULL(content(&l, "states/Second/created/a"));
	CU_ASSERT_EQUAL(k.n_files, known + 4);
	const unsigned long long bytes = one.digest, abc = XXH3_64bits("abc", 3),
				 none = XXH3_64bits("", 0);
	char want[1024];
	snprintf(want, sizeof(want),
		"strategy,job,what,state,node,condition,version,size_bytes,digest,file\n"
		"First,0,created,a,rpi_0,held,1,5,0x%016llx,states/First/created/a\n"
		"First,0,created,return,rpi_0,lost,9,3,0x%016llx,states/First/created/%%72eturn\n"
		"First,0,created,gone,rpi_0,absent,2,0,0x%016llx,\n"
		"Second,0,created,return,rpi_0,lost,9,5,0x%016llx,states/Second/created/%%72eturn\n"
		"Second,0,created,a,rpi_0,held,1,5,0x%016llx,states/First/created/a\n",
		bytes, abc, none, bytes, bytes);
	CU_ASSERT_STRING_EQUAL(content(&l, "states.csv"), want);
	/* Their number is known only now. */
	k.n_files = SFE_MAX_KEPT_FILES - 1;
	CU_ASSERT_EQUAL(write_under(&l, &k, 1, &err), -E2BIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "80001 files and folders"));
	sfe_kept_files_free(&k);
	lab_close(&l);
}

/* Nothing that lies in the way is followed: not the folder, not the file. */
static void test_links(void)
{
	struct sfe_error err = {0};
	struct sfe_kept_files k;
	struct lab l;
	struct stat st;

	lab_open(&l);
	CU_ASSERT(!mkdirat(l.dir, "elsewhere", 0777));
	CU_ASSERT(!symlinkat("elsewhere", l.dir, "states"));
	CU_ASSERT_FATAL(!sfe_kept_files_open(&k, &l.e, &err));
	int r = write_under(&l, &k, 0, &err);
	CU_ASSERT(r == -ELOOP || r == -ENOTDIR);
	CU_ASSERT(fstatat(l.dir, "elsewhere/First", &st, 0));
	sfe_kept_files_free(&k);

	CU_ASSERT(!unlinkat(l.dir, "states", 0));
	CU_ASSERT(!mkdirat(l.dir, "states", 0777) && !mkdirat(l.dir, "states/First", 0777));
	CU_ASSERT(!mkdirat(l.dir, "states/First/job-7", 0777));
	CU_ASSERT(!symlinkat("../../../elsewhere/x", l.dir, "states/First/job-7/s1"));
	CU_ASSERT_FATAL(!sfe_kept_files_open(&k, &l.e, &err));
	CU_ASSERT_EQUAL(write_under(&l, &k, 0, &err), 0);
	CU_ASSERT(fstatat(l.dir, "elsewhere/x", &st, 0));
	CU_ASSERT_STRING_EQUAL(content(&l, "states/First/job-7/s1"), "bytes");
	sfe_kept_files_free(&k);
	lab_close(&l);
}

static void test_too_many(void)
{
	struct sfe_job job = {.n_states = 2};
	struct sfe_deployed_job *jobs = calloc(SFE_MAX_KEPT_FILES / 4 + 1, sizeof(*jobs));
	struct sfe_scenario s = {.keep = SFE_KEEP_STATES, .file = "s.yaml"};
	struct sfe_experiment e = {.scenario = &s, .n_jobs = SFE_MAX_KEPT_FILES / 4, .jobs = jobs};
	struct sfe_error err = {0};

	CU_ASSERT_FATAL(jobs != NULL);
	for (uint32_t j = 0; j <= e.n_jobs; j++)
		jobs[j].job = &job;
	CU_ASSERT_EQUAL(sfe_keep_check(&e, &err), 0);
	e.n_jobs++;
	CU_ASSERT_EQUAL(sfe_keep_check(&e, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.what,
		"keep: the states of 20001 jobs are 80004 files and folders, more than the 80000 "
		"that a run may keep");
	s.keep = SFE_KEEP_NOTHING;
	CU_ASSERT_EQUAL(sfe_keep_check(&e, &err), 0);
	free(jobs);
}

int main(void)
{
	static const struct unit_test tests[] = {{"names of files", test_names},
		{"strategies share files", test_shared},
		{"bytes that are not as recorded", test_not_as_recorded}, {"created", test_created},
		{"nothing follows links", test_links}, {"too many files", test_too_many}};

	return unit_main("kept_states", tests, sizeof(tests) / sizeof(tests[0]));
}
