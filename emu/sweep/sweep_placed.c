/* SPDX-License-Identifier: MIT */
#include "emu/sweep/sweep_placed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/base/text.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"

#define FOLDER "placed"

struct base {
	struct sfe_scenario *s;
	struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_workload *w;
	struct sfe_placed *placed; /* of its own `from` */
	struct sfe_assignment *a;
};

static int place(const struct sfe_sweep *s, struct base *b, struct sfe_error *err)
{
	int rc;

	if ((rc = sfe_sweep_base(s, &b->s, err)) ||
		(rc = sfe_scenario_topology(b->s, &b->t, err)) ||
		(rc = sfe_routing_new(b->t, SFE_PHYSICAL, &b->r, err)) ||
		(rc = sfe_scenario_workload(b->s, &b->w, err)) ||
		(rc = sfe_scenario_placed(b->s, &b->placed, err)))
		return rc;
	const struct sfe_placement_rules rules = {.pins = &b->s->pins,
		.placed = b->placed,
		.n_functions = b->s->functions.n,
		.functions = b->s->functions.of};
	return sfe_assign_with(b->t, b->r, b->w, b->s->placement, &rules, b->s->workload.jobs,
		b->s->seed, &b->a, err);
}

static void clear(struct base *b)
{
	sfe_assignment_free(b->a);
	sfe_placed_free(b->placed);
	sfe_workload_free(b->w);
	sfe_routing_free(b->r);
	sfe_topology_free(b->t);
	sfe_scenario_free(b->s);
}

static bool is_there(int dir, const char *name, const char *text, size_t len)
{
	char *present = NULL;
	size_t present_len = 0;
	bool same = !sfe_folder_load(dir, name, SFE_MAX_FILE_BYTES, &present, &present_len, NULL) &&
		    present_len == len && !memcmp(present, text, len);

	free(present);
	return same;
}

static int write_table(int dir, const char *name, const struct base *b,
	void (*write)(const struct sfe_topology *, const struct sfe_workload *,
		const struct sfe_assignment *, FILE *),
	struct sfe_error *err)
{
	struct sfe_replacement file;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int rc = 0;

	if (f)
		write(b->t, b->w, b->a, f);
	if (!f || fclose(f)) {
		rc = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	} else if (!is_there(dir, name, text, len) &&
		   !(rc = sfe_replacement_begin(dir, name, &file, err))) {
		fwrite(text, 1, len, file.out);
		rc = sfe_replacement_end(&file, true, err);
	}
	free(text);
	return rc;
}

static int write_tables(int dir, const struct base *b, struct sfe_error *err)
{
	int rc = sfe_beneath_folder(dir, FOLDER, err);
	int placed = rc ? -1 : sfe_beneath_open(dir, FOLDER, O_RDONLY | O_DIRECTORY, 0);

	if (!rc && placed < 0)
		return sfe_fail(
			err, placed, FOLDER, NULL, "cannot be opened: %s", strerror(-placed));
	rc = rc ? rc : write_table(placed, "jobs.csv", b, sfe_placed_write_jobs, err);
	rc = rc ? rc : write_table(placed, "invocations.csv", b, sfe_placed_write_invocations, err);
	if (placed >= 0)
		close(placed);
	return rc;
}

int sfe_sweep_place_base(
	const struct sfe_sweep *s, int dir, const char *folder, char **from, struct sfe_error *err)
{
	struct base b = {0};
	char *path = NULL;
	int rc = place(s, &b, err);

	*from = NULL;
	rc = rc ? rc : write_tables(dir, &b, err);
	clear(&b);
	if (rc)
		return rc;
	if (asprintf(&path, "%s/" FOLDER, folder) < 0)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	*from = realpath(path, NULL);
	if (!*from)
		rc = sfe_fail(err, -errno, path, NULL, "cannot be found: %s", strerror(errno));
	free(path);
	return rc;
}
