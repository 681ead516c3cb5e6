/* SPDX-License-Identifier: MIT */
/* Writes the files of the published simulator, byte by byte. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/closed_form/statesim_files.h"

#define MAX_LINE 96 /* bytes of a job's line: two numbers of %g, 20 digits, 10 digits */

static int write_file(const struct sfe_replicator *x, const char *name, const char *text,
	size_t len, struct sfe_error *err)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(x->outdir, name, flags, 0666);

	/* A new file in the place of the old one, which may be a link that somebody put there. */
	if (fd < 0 && errno == EEXIST && !unlinkat(x->outdir, name, 0))
		fd = openat(x->outdir, name, flags, 0666);
	int rc = fd < 0 ? -errno : 0;

	while (len && !rc) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno != EINTR)
			rc = -errno;
		if (n < 0)
			continue;
		text += n;
		len -= (size_t)n;
	}
	if (fd >= 0 && close(fd) && !rc)
		rc = -errno;
	if (!rc)
		return 0;
	return sfe_fail(err, -EIO, x->params->outdir, "free some space, or name another folder",
		"cannot write %s: %s", name, strerror(-rc));
}

struct publication { /* the files of one placement in one replication */
	const struct sfe_replicator *x;
	const struct sfe_replication *rep;
	unsigned p;
	uint32_t seed;
	char (*proc)[16]; /* first number of each line: the same for all strategies if no job is a
			     graph */
	char *text;       /* buffer for the largest file */
};

static int write_named(const struct publication *o, const char *kind, unsigned s, const char *end,
	struct sfe_error *err)
{
	const struct sfe_comparison_params *params = o->x->params;
	char name[160];

	snprintf(name, sizeof(name), "%s-alloc=%s.exec=%s.seed=%u", kind,
		sfe_placement_name(params->placements[o->p]), params->strategies[s], o->seed);
	return write_file(o->x, name, o->text, (size_t)(end - o->text), err);
}

static void print_processing(const struct publication *o, unsigned s)
{
	double **column = &o->rep->proc[o->p * o->x->params->n_strategies];

	if (s && column[s] == column[0])
		return; /* as it is */
	for (uint32_t j = 0; j < o->rep->n_jobs; j++)
		snprintf(o->proc[j], sizeof(o->proc[j]), "%g", column[s][j]);
}

/* One line per job: processing delay, network delay, traffic, chain length. */
static int publish_jobs(const struct publication *o, unsigned s, struct sfe_error *err)
{
	unsigned column = o->p * o->x->params->n_strategies + s;
	char *at = o->text;

	print_processing(o, s);
	for (uint32_t j = 0; j < o->rep->n_jobs; j++)
		at += snprintf(at, MAX_LINE, "%s %g %llu %u\n", o->proc[j], o->rep->net[column][j],
			(unsigned long long)o->rep->traffic[column][j], o->rep->chain[j]);
	return write_named(o, "job", s, at, err);
}

/* One line per node, in name order: the number of invocations placed there, the same for all
 * strategies. */
static int publish_nodes(
	const struct publication *o, const struct sfe_assignment *a, struct sfe_error *err)
{
	const struct sfe_placer *placer = o->x->placer;
	char *at = o->text;
	int rc = 0;

	for (uint32_t i = 0; i < placer->t->n_nodes; i++)
		at += snprintf(at, MAX_LINE, "%u\n", a->load[placer->node[i]]);
	for (unsigned s = 0; s < o->x->params->n_strategies && !rc; s++)
		rc = write_named(o, "node", s, at, err);
	return rc;
}

int sfe_statesim_files_write(const struct sfe_replicator *x, const struct sfe_replication *rep,
	unsigned p, const struct sfe_assignment *a, uint32_t seed, struct sfe_error *err)
{
	struct publication o = {.x = x, .rep = rep, .p = p, .seed = seed};
	size_t lines = rep->n_jobs > x->form.t->n_nodes ? rep->n_jobs : x->form.t->n_nodes;
	int rc = 0;

	o.proc = calloc((size_t)rep->n_jobs + 1, sizeof(*o.proc));
	o.text = malloc(lines * MAX_LINE + 1);
	if (!o.proc || !o.text)
		rc = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the files");
	for (unsigned s = 0; s < x->params->n_strategies && !rc; s++)
		rc = publish_jobs(&o, s, err);
	if (!rc)
		rc = publish_nodes(&o, a, err);
	free(o.proc);
	free(o.text);
	return rc;
}
