/* SPDX-License-Identifier: MIT */
/* One job of a results folder: its rows, what its steps waited for, how they use states, hostile
 * folders. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/results/job/job_accesses.h"
#include "emu/results/job/job_kept.h"
#include "emu/results/job/job_print.h"
#include "emu/results/job/job_waits.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/sfe-job-XXXXXX";
static int dir = -1;

static void put(const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

#define JOBS                                                                                       \
	"strategy,job,client,steps,status,reason,arrival_s,start_s,response_s,processing_s,"       \
	"net_delay_s,payload_bytes,payload_bytes_hops,state_bytes,digest,predicted_net_delay_s,"   \
	"predicted_processing_s,predicted_payload_bytes_hops,other_paths_s,propagation_s,"         \
	"pipelining_s,queueing_s,tcp_start_s,headers_s,retries_s,link_changes_s,"                  \
	"retransmissions_s,window_s,queue_waits_s,unexplained_s,attempts,states_lost,"             \
	"cache_hits,overlap_s,wasted_bytes,workflow\n"
#define DONE ",a,3,done,,1,1,2,1,1,0,0,0,0x1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,w\n"
#define FAILED ",a,3,failed,no luck,1,,,,,0,0,0,0x0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2,1,0,,0,w\n"
#define INVOCATIONS                                                                                \
	"strategy,job,step,task,function,node,request_s,ready_s,finish_s,processing_s,operations," \
	"argument_bytes,output_bytes,used_state_bytes,attempt,cache_hits,workflow,step_name\n"
#define TRANSFERS                                                                                  \
	"strategy,job,step,kind,from,to,payload_bytes,head_bytes,hops,new_connection,start_s,"     \
	"head_s,done_s,predicted_s,propagation_s,pipelining_s,queueing_s,tcp_start_s,headers_s,"   \
	"retries_s,link_changes_s,retransmissions_s,window_s,queue_waits_s,unexplained_s,"         \
	"step_name\n"
#define REST ",0,0,0,0,0,0,0,0,0,0,0,0,"
#define SCENARIO                                                                                   \
	"topology: {generate: iiot}\n"                                                             \
	"functions: {f: {ops: 1, output: 5B}}\n"                                                   \
	"workflows: [{name: w, states: {s: {size: 5B}, t: {file: t.bin}}, steps: ["                \
	"{name: one, function: f, write: s}, {name: two, function: f, after: one, update: s, "     \
	"read: t}, {name: three, function: f, after: two, read: s}]}]\n"

static void good(void)
{
	put("jobs.csv", JOBS "A,1" DONE "A,2" DONE "A,5" DONE "B,1" DONE "B,2" FAILED "B,5" DONE);
	put("invocations.csv", INVOCATIONS "A,2,0,1,f,a,1.0,1.5,2,0.5,1,1,1,0,1,0,w,one\n"
					   "A,2,1,2,f,b,2.0,3.0,4,1,1,1,1,0,1,0,w,two\n"
					   "A,2,1,2,f,b,5.0,6.0,7,1,1,1,1,0,2,0,w,two\n"
					   "B,2,0,1,f,a,1.0,1.5,2,0.5,1,1,1,0,1,0,w,one\n"
					   "A,1,0,1,f,a,1.0,1.5,2,0.5,1,1,1,0,1,0,w,one\n");
	put("transfers.csv", TRANSFERS "A,2,1,fetch,c,b,9,1,1,1,2.5,2.6,3.0" REST "two\n"
				       "A,2,1,call,a,b,8,1,1,1,1.8,1.9,2.0" REST "two\n"
				       "A,2,1,call,a,b,8,1,1,1,4.8,4.9,5.0" REST "two\n"
				       "A,2,1,fetch,c,b,8,1,1,1,6.5,6.6,6.7" REST "two\n"
				       "A,2,2,return,b,a,8,1,1,1,4.8,4.9,5.0" REST "three\n"
				       "A,1,1,call,a,b,8,1,1,1,4.8,4.9,5.0" REST "two\n");
	put("scenario.yaml", SCENARIO);
	put("t.bin", "7 bytes");
	unlinkat(dir, "attempts.csv", 0);
	unlinkat(dir, "states.csv", 0);
}

static struct sfe_job_record *read_good(const char *strategy)
{
	struct sfe_error err = {0};
	struct sfe_job_record *j = NULL;

	CU_ASSERT_EQUAL_FATAL(sfe_job_record_read(dir, 2, strategy, &j, &err), 0);
	CU_ASSERT_EQUAL(sfe_job_waits(j, &err), 0);
	CU_ASSERT_EQUAL(sfe_job_accesses(dir, j, &err), 0);
	return j;
}

static void test_rows(void)
{
	good();
	struct sfe_job_record *j = read_good(NULL);

	CU_ASSERT_EQUAL(j->n_outcomes, 2);
	CU_ASSERT_STRING_EQUAL(j->outcomes[1].reason, "no luck");
	CU_ASSERT_EQUAL(j->n_invocations, 4);
	CU_ASSERT_EQUAL(j->n_transfers, 5);
	CU_ASSERT_EQUAL(j->n_attempts, 0);
	CU_ASSERT_EQUAL(j->n_notes, 0);
	sfe_job_record_free(j);
	j = read_good("B");
	CU_ASSERT_EQUAL(j->n_outcomes, 1);
	CU_ASSERT_EQUAL(j->n_invocations, 1);
	sfe_job_record_free(j);
}

/* By step and start; each waits for what came before it, and not for what came later. */
static void test_waits(void)
{
	static const char *const want[] = {"yes", "last", "last", "", ""};

	good();
	struct sfe_job_record *j = read_good("A");
	for (unsigned i = 0; i < j->n_transfers; i++)
		CU_ASSERT_STRING_EQUAL(j->transfers[i].waited_for, want[i]);
	sfe_job_record_free(j);
}

static void test_accesses(void)
{
	static const struct {
		const char *step, *state, *access;
		double before, after;
		unsigned bytes;
	} want[] = {{"one", "s", "write", NAN, 1, 5}, {"two", "s", "update", 1, 2, 5},
		{"two", "t", "read", 0, NAN, 7}, {"three", "s", "read", 2, NAN, 5}};

	good();
	struct sfe_job_record *j = read_good("A");
	CU_ASSERT_EQUAL_FATAL(j->n_accesses, 4);
	for (unsigned i = 0; i < 4; i++) {
		const struct sfe_access_row *a = &j->accesses[i];
		CU_ASSERT_STRING_EQUAL(a->step_name, want[i].step);
		CU_ASSERT_STRING_EQUAL(a->state, want[i].state);
		CU_ASSERT_STRING_EQUAL(a->access, want[i].access);
		CU_ASSERT(a->version_read == want[i].before || isnan(want[i].before));
		CU_ASSERT_EQUAL(isnan(a->version_read), isnan(want[i].before));
		CU_ASSERT(a->version_left == want[i].after || isnan(want[i].after));
		CU_ASSERT_EQUAL(isnan(a->version_left), isnan(want[i].after));
		CU_ASSERT_EQUAL(a->declared_bytes, want[i].bytes);
	}
	sfe_job_record_free(j);
	/* Without what it needs: a note, and the rest. */
	put("scenario.yaml", "topology: {generate: iiot}\n");
	j = read_good("A");
	CU_ASSERT_EQUAL(j->n_accesses, 0);
	CU_ASSERT_EQUAL(j->n_notes, 1);
	sfe_job_record_free(j);
}

static void print(const struct sfe_job_record *j, bool json, char **text)
{
	size_t size;
	FILE *out = open_memstream(text, &size);

	if (json)
		sfe_job_print_json(j, out);
	else
		sfe_job_print(j, 80, out);
	fclose(out);
}

/* Under a strategy that chooses: which one the job followed, and its regret. */
static void test_choices(void)
{
	char *text;

	good();
	put("choices.csv", "strategy,job,candidate,predicted_s,followed\n"
			   "A,1,PureFaaS,0.5,1\nA,2,PureFaaS,0.25,0\nA,2,StateLocal,0.125,1\n"
			   "B,2,PureFaaS,,1\nB,2,StateLocal,,0\n");
	put("regret.csv", "strategy,job,response_s,least_s,least_under,regret_s\n"
			  "A,1,1,1,PureFaaS,0\nA,2,1.5,2,PureFaaS,-0.5\nB,2,,2,PureFaaS,\n");
	struct sfe_job_record *j = read_good(NULL);
	CU_ASSERT_EQUAL(j->n_choices, 4);
	CU_ASSERT_EQUAL(j->n_regrets, 2);
	CU_ASSERT_EQUAL(j->n_notes, 0);
	print(j, false, &text);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(text, "\nfollows StateLocal; predicted: PureFaaS 250 ms, StateLocal 125 ms\n"
			     "regret: -500 ms, to PureFaaS with 2.00 s\n"));
	/* Oracle predicts nothing, and a job that failed has no regret. */
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nfollows PureFaaS\n\n"));
	free(text);
	print(j, true, &text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"candidate\": \"StateLocal\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"regret_s\": -0.5"));
	free(text);
	sfe_job_record_free(j);
	unlinkat(dir, "choices.csv", 0);
	unlinkat(dir, "regret.csv", 0);
	j = read_good("A");
	CU_ASSERT(!j->n_choices && !j->n_regrets && !j->n_notes);
	sfe_job_record_free(j);
}

static void test_unknown(void)
{
	struct sfe_job_record *j = NULL;
	struct sfe_error err = {0};

	good();
	CU_ASSERT_EQUAL(sfe_job_record_read(dir, 3, NULL, &j, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.what, "there is no job 3");
	CU_ASSERT_STRING_EQUAL(err.todo, "the jobs of this run are 1-2, 5");
	CU_ASSERT_EQUAL(sfe_job_record_read(dir, 2, "C", &j, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.todo, "those of this run are A, B");
	put("jobs.csv", JOBS);
	CU_ASSERT_EQUAL(sfe_job_record_read(dir, 2, NULL, &j, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.what, "has no jobs, so none of number 2");
	unlinkat(dir, "jobs.csv", 0);
	CU_ASSERT_EQUAL(sfe_job_record_read(dir, 2, NULL, &j, &err), -ENOENT);
	CU_ASSERT_PTR_NULL(j);
}

#define STATES "strategy,job,what,state,node,condition,version,size_bytes,digest,file\n"

/* Files that a hostile table names: nothing outside of the folder, nothing that is no file. */
static void test_kept(void)
{
	struct sfe_error err = {0};
	static const char *const want[] = {
		"as recorded", "others", "others", "missing", "missing", "missing", "missing"};

	good();
	CU_ASSERT(!mkdirat(dir, "states", 0777));
	put("states/s", "12345");
	CU_ASSERT(!symlinkat("s", dir, "states/link"));
	CU_ASSERT(!mkfifoat(dir, "states/pipe", 0666));
	put("states.csv", STATES "A,2,state,s,a,held,1,5,0xe19aec09d9aa5a55,states/s\n"
				 "A,2,state,s,a,held,1,5,0x0000000000000000,states/s\n"
				 "A,2,state,s,a,held,1,4,0x0000000000000000,states/s\n"
				 "A,2,state,s,a,held,1,5,0x0000000000000000,/etc/passwd\n"
				 "A,2,state,s,a,held,1,5,0x0000000000000000,../../etc/passwd\n"
				 "A,2,state,s,a,held,1,5,0x0000000000000000,states/link\n"
				 "A,2,state,s,a,held,1,5,0x0000000000000000,states/pipe\n");
	struct sfe_job_record *j = read_good("A");
	CU_ASSERT_EQUAL_FATAL(j->n_kept, 7);
	/* The digest of "12345", as xxhsum -H3 prints it. */
	j->kept[0].row.digest = 0xf34099ede96b5581ull;
	int wrong = sfe_job_kept_check(dir, j, &err);
	for (unsigned i = 0; i < 7; i++)
		CU_ASSERT_STRING_EQUAL(j->kept[i].bytes_are, want[i]);
	CU_ASSERT_EQUAL(wrong, 6);
	sfe_job_record_free(j);
	unlinkat(dir, "states/s", 0);
	unlinkat(dir, "states/link", 0);
	unlinkat(dir, "states/pipe", 0);
	unlinkat(dir, "states", AT_REMOVEDIR);
}

/* Rows that no run writes: one strategy twice, other steps, texts that a terminal would obey. */
static void test_hostile(void)
{
	char *text = NULL;

	good();
	put("jobs.csv", JOBS "A\033[31m,2" DONE "A,2" FAILED "A,2" DONE "A,2" DONE);
	put("invocations.csv", INVOCATIONS "A,2,4294967295,1,f,\033]0;x\007,nan,inf,-inf,0.5,1,1,1,"
					   "0,1,0,w,\033[2J\n"
					   "A,2,not a row\n");
	put("transfers.csv", "nothing of a header\n");
	put("scenario.yaml",
		"workflows: [{name: w, steps: [{name: one, function: f, after: one}]}]\n");
	struct sfe_job_record *j = read_good(NULL);
	CU_ASSERT_EQUAL(j->n_outcomes, 2);
	CU_ASSERT_EQUAL(j->n_invocations, 1);
	CU_ASSERT_EQUAL(j->n_notes, 3);
	for (int json = 0; json < 2; json++) {
		print(j, json, &text);
		CU_ASSERT_PTR_NULL(strchr(text, '\033'));
		CU_ASSERT_PTR_NULL(strchr(text, '\007'));
		free(text);
	}
	sfe_job_record_free(j);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"rows of a job", test_rows},
		{"what steps waited for", test_waits},
		{"how steps use states", test_accesses},
		{"which strategy a job followed", test_choices},
		{"a job or strategy that is not there", test_unknown},
		{"kept files", test_kept},
		{"a hostile folder", test_hostile},
	};

	if (!mkdtemp(folder) || (dir = open(folder, O_RDONLY | O_DIRECTORY)) < 0)
		return EXIT_FAILURE;
	int status = unit_main("job", tests, sizeof(tests) / sizeof(tests[0]));
	for (const char *const *name = (const char *const[]){"jobs.csv", "invocations.csv",
		     "transfers.csv", "scenario.yaml", "attempts.csv", "states.csv", "t.bin", NULL};
		*name; name++)
		unlinkat(dir, *name, 0);
	return rmdir(folder) ? EXIT_FAILURE : status;
}
