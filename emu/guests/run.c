/* SPDX-License-Identifier: MIT */
#include "sfemu/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/experiment/experiment_new.h"
#include "emu/guests/run_strategies.h"
#include "emu/model/base/name_check.h"
#include "emu/results/results_file.h"
#include "emu/results/results_folder.h"
#include "emu/results/summary.h"
#include "emu/run/guest_check.h"
#include "emu/run/lab.h"
#include "emu/vm/guest.h"
#include "emu/vm/guest_shell.h"

void sfe_begin(int argc, char **argv)
{
	/* Files must not be world-writable, whatever the caller's umask. */
	umask(umask(0) | S_IWOTH);
	/* The guest's kernel starts this program as process 1 with this argument. */
	if (getpid() == 1 && argc > 1 && !strcmp(argv[1], SFE_GUEST_INIT_VERB)) {
		const char *clock = argc > 2 ? argv[2] : "";
		if (argc > 2 && !strcmp(argv[2], SFE_GUEST_CHECK_WORD))
			sfe_guest_check_main();
		if (argc > 2 &&
			!strncmp(argv[2], SFE_GUEST_SHELL_PREFIX, strlen(SFE_GUEST_SHELL_PREFIX)))
			sfe_guest_shell_main(argv[2] + strlen(SFE_GUEST_SHELL_PREFIX));
		sfe_lab_guest(strcmp(clock, "virtual") != 0, !strcmp(clock, "real-hold"));
	}
	/* Opens descriptors 0 to 2 if they are closed; else files would get these numbers and
	 * receive output for stdout. */
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd >= 0)
		close(fd);
}

/* ---- inputs: temporary files, until the results folder has its copies */

enum input { NODES, LINKS, EDGES, TASKS, SCENARIO, N_INPUTS };
static const char *const input_names[] = {"nodes", "links", "edges", "tasks", "scenario.yaml"};

struct inputs {
	char folder[PATH_MAX];
	int fd;
};

static int make_inputs(struct inputs *in, struct sfe_error *err)
{
	const char *parent = getenv("TMPDIR");

	in->fd = -1;
	snprintf(in->folder, sizeof(in->folder), "%s/sfemu-XXXXXX",
		parent && *parent ? parent : "/tmp");
	if (!mkdtemp(in->folder)) {
		int code = -errno;
		in->folder[0] = 0;
		return sfe_fail(err, code, parent ? parent : "/tmp", "set TMPDIR to another folder",
			"cannot make a folder there: %s", strerror(-code));
	}
	in->fd = open(in->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return in->fd < 0 ? sfe_fail(err, -errno, in->folder, NULL, "cannot open it: %s",
				    strerror(errno))
			  : 0;
}

static void remove_inputs(struct inputs *in)
{
	for (int i = 0; i < N_INPUTS && in->fd >= 0; i++)
		unlinkat(in->fd, input_names[i], 0);
	if (in->fd >= 0)
		close(in->fd);
	if (in->folder[0])
		rmdir(in->folder);
	*in = (struct inputs){.fd = -1};
}

static int write_inputs(struct inputs *in, const struct sfe_topology *topology, const char *tasks,
	const char *name, struct sfe_error *err)
{
	FILE *f[N_INPUTS] = {0};
	int r = 0;

	for (int i = 0; i < N_INPUTS && !r; i++)
		if (!(f[i] = sfe_results_open(in->fd, input_names[i], "w", err)))
			r = err->code;
	if (!r) {
		r = sfe_topology_write(topology, f[NODES], f[LINKS], f[EDGES]);
		if (r)
			sfe_fail(err, r, "topology", NULL, "cannot write it down");
		fputs(tasks, f[TASKS]);
		fprintf(f[SCENARIO],
			"name: %s\ntopology: {nodes: nodes, links: links, edges: edges}\n"
			"workload: {tasks: tasks}\n",
			name);
	}
	for (int i = 0; i < N_INPUTS; i++) {
		int closed = f[i] ? sfe_results_close(f[i], input_names[i], r ? NULL : err) : 0;
		r = r ? r : closed;
	}
	return r;
}

/* ---- running */

/* Reads a scenario and creates its results folder with copies of all inputs. */
static int prepare(const struct sfe_topology *topology, const char *tasks,
	const struct sfe_run_options *options, struct sfe_experiment **e,
	struct sfe_substrate_choice *choice, struct sfe_run_result *out, int *fd,
	struct sfe_error *err)
{
	const struct sfe_lab_commands none = {0};
	const char *name = options->name ? options->name : "";
	struct sfe_scenario *scenario;
	char path[PATH_MAX + 16];
	struct inputs in = {.fd = -1};
	int r = sfe_name_check((struct sfe_span){name, strlen(name)}, err);

	if (!r)
		r = make_inputs(&in, err);
	if (!r)
		r = write_inputs(&in, topology, tasks, name, err);
	if (!r) {
		snprintf(path, sizeof(path), "%s/%s", in.folder, input_names[SCENARIO]);
		r = sfe_scenario_read(path, options->sets, options->n_sets, &scenario, err);
	}
	if (!r)
		r = sfe_experiment_new(scenario, e, err);
	r = r ? r : sfe_substrate_for_run(*e, &none, choice, err);
	if (!r)
		r = sfe_results_create((*e)->scenario, &out->folder, fd, err);
	if (!r)
		r = sfe_results_write_scenario(*fd, *e, err);
	remove_inputs(&in);
	return r;
}

static int supervise(const struct sfe_experiment *e, const struct sfe_substrate_choice *choice,
	const struct sfe_run_options *options, const char *folder, int fd, struct sfe_error *err)
{
	char program[PATH_MAX];
	const struct sfe_supervise_options how = {
		.quiet = options->quiet,
		.program = program,
		.lab.results_path = folder,
	};
	const struct sfe_side_by_side side = {0};
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	program[n < 0 ? 0 : n] = 0;
	return sfe_run_strategies(e, choice, &how, &side, fd, err);
}

int sfe_run(const struct sfe_topology *topology, const char *tasks,
	const struct sfe_run_options *options, struct sfe_run_result *out, struct sfe_error *err)
{
	struct sfe_experiment *e = NULL;
	struct sfe_substrate_choice choice;
	struct sfe_error own;
	int fd = -1;

	err = err ? err : &own;
	*err = (struct sfe_error){0};
	*out = (struct sfe_run_result){0};
	int r = prepare(topology, tasks, options, &e, &choice, out, &fd, err);
	if (!r)
		r = supervise(e, &choice, options, out->folder, fd, err);
	if (!r)
		r = sfe_summary_read(fd, &out->strategies, &out->n, err);
	if (!r && e->unpredicted && !(out->unpredicted = strdup(e->unpredicted)))
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (fd >= 0)
		close(fd);
	sfe_experiment_free(e);
	return r;
}

void sfe_run_result_free(struct sfe_run_result *result)
{
	free(result->folder);
	free(result->strategies);
	free(result->unpredicted);
	*result = (struct sfe_run_result){0};
}

void sfe_run_print(const struct sfe_run_result *result, FILE *out)
{
	sfe_summary_table(result->strategies, result->n, 0, out);
	fprintf(out, "\n");
	sfe_summary_model_table(result->strategies, result->n, 0, out);
	if (result->unpredicted)
		fprintf(out, "\nThe closed form does not know all functions: %s.\n",
			result->unpredicted);
}
