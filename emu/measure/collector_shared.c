/* SPDX-License-Identifier: MIT */
#include "emu/measure/collector_shared.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/name_check.h"
#include "emu/model/workload/shared_names.h"

#define REPORT_IT "this is a bug: report it"

typedef const struct sfe_ctl_shared record;

struct version { /* that a state had */
	uint32_t epoch;
	bool absent;
	uint64_t number, digest; /* digest 0: nobody has read it */
	uint64_t kept;           /* changes that it has, one after the other; the others are lost */
	/* Index of the one that it was made of, or is a copy of; UINT32_MAX: it is a beginning. */
	uint32_t parent;
	uint32_t beginning; /* index of the one that it comes from, over restorations too */
	/* Of a beginning: different changes that were made of it, also those that a crash has
	 * destroyed and nobody has made again; and what its last version has of them. */
	uint64_t changes, last_kept;
};

/* One state while its records are read in order. */
struct reading {
	const struct sfe_collector *a;
	struct sfe_ctl_shared *of; /* of the state: the home's, then those of the steps' nodes */
	uint32_t n_home, n;
	struct version *version; /* room for one more than there are records */
	uint32_t n_versions;
	struct change {
		record *x;
		uint32_t version; /* index of what it made */
	} * change;               /* those that took effect; room for all records */
	uint32_t n_changes;
	uint32_t *changed; /* by job: how many states its steps have changed */
};

static bool at_home(record *x)
{
	return x->outcome < SFE_SHARED_GOT;
}

/* By state: the home's in their order, then the others by what they are about. */
static int by_state(const void *a, const void *b)
{
	record *x = a, *y = b;

	if (x->instance != y->instance)
		return x->instance < y->instance ? -1 : 1;
	if (at_home(x) != at_home(y))
		return at_home(x) ? -1 : 1;
	if (at_home(x))
		return x->number < y->number ? -1 : x->number > y->number;
	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return x->header.node < y->header.node ? -1 : x->header.node > y->header.node;
}

/* NULL: it was created by name. */
static const struct sfe_shared_state *state_of(const struct sfe_collector *a, uint32_t instance)
{
	const struct sfe_shared_instances *all = a->deployment->shared;

	return instance < all->n ? &all->states[all->of[instance].state] : NULL;
}

static bool is_known(const struct sfe_collector *a, uint32_t instance)
{
	return instance < a->deployment->shared->n + a->out->n_created;
}

bool sfe_collector_takes_shared(const struct sfe_collector *a, const struct sfe_ctl_shared *m)
{
	const struct sfe_shared_instances *all = a->deployment->shared;

	/* The numbers of created ones come from their home, which may report later. */
	return all && (m->instance < all->n || m->instance - all->n < SFE_MOST_CREATED) &&
	       m->access <= SFE_BY_NAME_DELETE && m->outcome <= SFE_SHARED_ASKED;
}

bool sfe_collector_takes_created(const struct sfe_collector *a, const struct sfe_ctl_created *m)
{
	size_t length = strnlen(m->name, sizeof(m->name));
	struct sfe_error cause = {0};

	return a->deployment->shared && a->out->n_created < SFE_MOST_CREATED &&
	       m->instance == a->deployment->shared->n + a->out->n_created &&
	       !sfe_name_check((struct sfe_span){m->name, length}, &cause);
}

static int fail(const struct reading *r, record *x, const char *what, struct sfe_error *err)
{
	const struct sfe_shared_state *state = state_of(r->a, x->instance);
	uint32_t created = x->instance - r->a->deployment->shared->n;

	return sfe_fail(err, -EPROTO, r->a->out->strategy->name, REPORT_IT,
		"state %s: step %u of job %u: %s (record %" PRIu64 " of its home)",
		state                            ? state->name
		: created < r->a->out->n_created ? r->a->out->created[created].name
						 : "without a name",
		x->step, r->a->deployment->jobs[x->job].job->number, what, x->number);
}

/* Whether the writer's change builds on the version that it names. */
static bool is_update(record *x)
{
	return sfe_is_by_name(x->access) ? !x->unread : x->access == SFE_UPDATE;
}

/* Whether the home had to refuse the change. */
static bool is_late(const struct sfe_shared_state *state, record *x, const struct version *now)
{
	bool current = x->epoch_read == now->epoch && x->version_read == now->number;

	if (!state || state->consistency != SFE_FIRST_WRITE)
		return false;
	return is_update(x) ? !current : sfe_is_by_name(x->access) && !now->absent;
}

static const char *check_written(
	const struct sfe_shared_state *state, record *x, const struct version *now)
{
	return x->version_made != now->number + 1 ? "its change did not make the next version"
	       : is_late(state, x, now)           ? "it changed a version that was not the newest"
	       : x->access == SFE_BY_NAME_DELETE && now->absent ? "it deleted what was not there"
	       : is_update(x) && x->epoch_read == now->epoch &&
			       x->unseen != now->number - x->version_read
		       ? "another number of versions was lost than it says"
		       : NULL;
}

/* What a record of the home says does not follow from those before it: NULL if it does. */
static const char *check_record(
	const struct sfe_shared_state *state, record *x, const struct version *now)
{
	bool current = x->epoch_read == now->epoch && x->version_read == now->number;

	switch ((enum sfe_shared_outcome)x->outcome) {
	case SFE_SHARED_READ:
		return !current                   ? "it did not get the newest version"
		       : x->digest != now->digest ? "it did not get the bytes of the newest version"
		       : sfe_is_by_name(x->access) && now->absent ? "it got what was not there"
								  : NULL;
	case SFE_SHARED_ABSENT:
		return !now->absent ? "it was told that what is there is not" : NULL;
	case SFE_SHARED_WRITTEN:
		return check_written(state, x, now);
	case SFE_SHARED_CONFLICT:
		return !is_late(state, x, now) ? "it was refused without a conflict" : NULL;
	case SFE_SHARED_REPEATED:
		return !x->version_made || x->version_made > now->number
			       ? "its change was called a repeated one, and had not been made"
			       : NULL;
	case SFE_SHARED_ANEW:
	case SFE_SHARED_RESTORED:
		return !current ? "another version was lost than it says" : NULL;
	case SFE_SHARED_GOT:
	case SFE_SHARED_AGAIN:
	case SFE_SHARED_ASKED:
		break;
	}
	return NULL;
}

static int by_version(const void *a, const void *b)
{
	const struct version *x = a, *y = b;

	if (x->epoch != y->epoch)
		return x->epoch < y->epoch ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* NULL: there has been none. */
static const struct version *find_version(const struct reading *r, uint32_t epoch, uint64_t number)
{
	const struct version key = {.epoch = epoch, .number = number};

	return bsearch(&key, r->version, r->n_versions, sizeof(*r->version), by_version);
}

/* The same of a version that was made before the epoch began from a copy, and is known by this
 * epoch since: it is followed back from the epoch's first one. */
static const struct version *find_made(const struct reading *r, uint32_t epoch, uint64_t number)
{
	const struct version *v = find_version(r, epoch, number);
	uint32_t at = 0;

	if (v)
		return v;
	while (at < r->n_versions && r->version[at].epoch != epoch)
		at++;
	if (at == r->n_versions)
		return NULL;
	while (at != UINT32_MAX && r->version[at].number != number)
		at = r->version[at].parent;
	return at == UINT32_MAX ? NULL : &r->version[at];
}

/* Whether a version has what an earlier one has: it is that one, or was made of it. */
static bool has(const struct reading *r, uint32_t version, uint32_t earlier)
{
	while (version != UINT32_MAX && version > earlier)
		version = r->version[version].parent;
	return version == earlier;
}

/* An update has the changes of the version that was read, and its own; what replaces all means to
 * follow the newest one. */
static uint64_t kept_by(const struct reading *r, record *x, const struct version *now)
{
	const struct version *from =
		is_update(x) ? find_made(r, x->epoch_read, x->version_read) : now;

	return from && has(r, (uint32_t)(now - r->version), (uint32_t)(from - r->version))
		       ? from->kept + 1
		       : 1;
}

/* The version that the record has made, after what is there now. NULL: what it says cannot be. */
static const char *add_version(struct reading *r, struct sfe_ctl_shared *x, uint32_t now)
{
	struct version *next = &r->version[r->n_versions];
	const struct version *copy = NULL;
	bool absent = !state_of(r->a, x->instance);
	uint32_t parent = x->outcome == SFE_SHARED_WRITTEN ? now : UINT32_MAX;

	if (x->outcome == SFE_SHARED_WRITTEN) {
		x->kept = kept_by(r, x, &r->version[now]);
		absent = x->access == SFE_BY_NAME_DELETE;
	}
	if (x->outcome == SFE_SHARED_RESTORED) {
		copy = find_version(r, x->epoch_from, x->version_made);
		if (!copy || !copy->number || copy->digest != x->digest)
			return "it was restored from no version that there was";
		parent = (uint32_t)(copy - r->version);
		x->kept = copy->kept;
		absent = copy->absent;
	}
	*next = (struct version){.epoch = x->epoch,
		.absent = absent,
		.number = x->version_made,
		.digest = x->digest,
		.kept = x->kept,
		.parent = parent,
		.beginning = parent == UINT32_MAX ? r->n_versions : r->version[parent].beginning};
	r->n_versions++;
	return NULL;
}

/* The records of the home, in order. */
static int check_home(struct reading *r, struct sfe_error *err)
{
	r->version[0] =
		(struct version){.absent = !state_of(r->a, r->of->instance), .parent = UINT32_MAX};
	r->n_versions = 1;
	r->n_changes = 0;
	for (uint32_t i = 0; i < r->n_home; i++) {
		struct sfe_ctl_shared *x = &r->of[i];
		struct version *now = &r->version[r->n_versions - 1];
		bool written = x->outcome == SFE_SHARED_WRITTEN;
		bool anew = x->outcome == SFE_SHARED_ANEW || x->outcome == SFE_SHARED_RESTORED;
		if (!now->digest && x->outcome == SFE_SHARED_READ)
			now->digest = x->digest;
		const char *what = x->number != i ? "a record is missing"
				   : x->epoch != now->epoch + anew
					   ? "its epoch does not follow"
					   : check_record(state_of(r->a, x->instance), x, now);
		if (!what && (anew || written))
			what = add_version(r, x, r->n_versions - 1);
		if (what)
			return fail(r, x, what, err);
		if (written)
			r->change[r->n_changes++] = (struct change){x, r->n_versions - 1};
	}
	return 0;
}

static int by_step(const void *a, const void *b)
{
	const struct change *p = a, *q = b;
	record *x = p->x, *y = q->x;
	const uint64_t k[][2] = {{x->job, y->job}, {x->step, y->step}, {x->path, y->path},
		{x->change, y->change}, {p->version, q->version}};

	for (size_t i = 0; i < sizeof(k) / sizeof(k[0]); i++)
		if (k[i][0] != k[i][1])
			return k[i][0] < k[i][1] ? -1 : 1;
	return 0;
}

static bool is_same_change(record *x, record *y)
{
	return x->job == y->job && x->step == y->step && x->path == y->path &&
	       x->change == y->change;
}

/* What is called a repeated change has been made, as the version that it says. */
static int check_repeated(const struct reading *r, struct sfe_error *err)
{
	for (uint32_t i = 0; i < r->n_home; i++) {
		struct sfe_ctl_shared *x = &r->of[i];
		if (x->outcome != SFE_SHARED_REPEATED)
			continue;
		uint32_t low = 0, high = r->n_changes;
		const struct change wanted = {x, 0};
		while (low < high) {
			uint32_t middle = low + (high - low) / 2;
			if (by_step(&r->change[middle], &wanted) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		while (low < r->n_changes && is_same_change(r->change[low].x, x) &&
			r->change[low].x->version_made != x->version_made)
			low++;
		if (low == r->n_changes || !is_same_change(r->change[low].x, x))
			return fail(r, x,
				"its change was called a repeated one, and had not been made", err);
	}
	return 0;
}

/* No step changed the state twice, nor did a put or a delete take effect twice: a version that has
 * the change was made of none that has it. */
static int check_once(struct reading *r, struct sfe_error *err)
{
	if (r->n_changes)
		qsort(r->change, r->n_changes, sizeof(*r->change), by_step);
	for (uint32_t i = 0; i < r->n_changes; i++) {
		record *x = r->change[i].x;
		bool same = false;
		for (uint32_t k = i; k-- && is_same_change(r->change[k].x, x);) {
			same = true;
			if (has(r, r->change[i].version, r->change[k].version))
				return fail(r, x, "its change took effect twice", err);
		}
		r->changed[x->job] += !same && !x->change;
	}
	return check_repeated(r, err);
}

/* What steps got is what the home says of that version. */
static int check_got(const struct reading *r, struct sfe_error *err)
{
	for (uint32_t i = r->n_home; i < r->n; i++) {
		record *x = &r->of[i];
		const struct version *v = x->outcome == SFE_SHARED_ASKED
						  ? find_made(r, x->epoch_read, x->version_read)
						  : find_version(r, x->epoch_read, x->version_read);
		if (!v || (x->outcome == SFE_SHARED_GOT && v->digest != x->digest))
			return fail(r, x, "it has other bytes than its home says", err);
	}
	return 0;
}

/* A conflict whose run in vain is not known yet. Those by name have none. */
static bool is_open(record *conflict)
{
	return conflict->outcome == SFE_SHARED_CONFLICT && !conflict->finish_ns &&
	       !sfe_is_by_name(conflict->access);
}

static bool is_about(record *run, record *conflict)
{
	return is_open(conflict) && run->job == conflict->job && run->step == conflict->step &&
	       run->attempt == conflict->attempt && run->epoch_read == conflict->epoch_read &&
	       run->version_read == conflict->version_read;
}

/* Adds what runs in vain have cost to the conflicts, which are earlier. */
static void join_runs(struct reading *r)
{
	uint32_t at = 0;

	for (uint32_t i = r->n_home; i < r->n; i++) {
		record *x = &r->of[i];
		if (x->outcome != SFE_SHARED_AGAIN)
			continue;
		/* Both are in the order of time; an answer takes a while. */
		while (at < r->n_home && !is_open(&r->of[at]))
			at++;
		for (uint32_t k = at; k < r->n_home; k++) {
			if (!is_about(x, &r->of[k]))
				continue;
			r->of[k].ops = x->ops;
			r->of[k].processing_ns = x->processing_ns;
			r->of[k].vain_bytes = x->vain_bytes;
			r->of[k].ready_ns = x->ready_ns;
			r->of[k].finish_ns = x->finish_ns;
			break;
		}
		while (at < r->n_home && !is_open(&r->of[at]))
			at++;
	}
}

/* Jobs that depend on the order in time. */
static void mark_jobs(const struct reading *r)
{
	for (uint32_t i = 0; r->n_changes && i < r->n_home; i++) {
		record *x = &r->of[i];
		bool told = x->outcome == SFE_SHARED_READ || x->outcome == SFE_SHARED_ABSENT ||
			    x->outcome == SFE_SHARED_CONFLICT;
		r->a->out->jobs[x->job].depends_on_order |= told;
	}
}

/* Changes that the last version of their beginning does not have: later ones have replaced them, or
 * the state came from an older copy, and they were not made again. */
static uint64_t overwritten(const struct reading *r)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < r->n_versions; i++)
		r->version[r->version[i].beginning].last_kept = r->version[i].kept;
	for (uint32_t i = 0; i < r->n_changes; i++) {
		const struct change *c = &r->change[i];
		uint32_t beginning = r->version[c->version].beginning, k = i;
		/* The same change made again is one. */
		while (k && is_same_change(r->change[k - 1].x, c->x) &&
			r->version[r->change[k - 1].version].beginning != beginning)
			k--;
		bool again = k && is_same_change(r->change[k - 1].x, c->x);
		r->version[beginning].changes += !again;
	}
	for (uint32_t i = 0; i < r->n_versions; i++)
		if (r->version[i].parent == UINT32_MAX)
			sum += r->version[i].changes - r->version[i].last_kept;
	return sum;
}

static void add_sums(const struct reading *r, struct sfe_shared_sums *s)
{
	for (uint32_t i = 0; i < r->n_home; i++) {
		s->changes += r->of[i].outcome == SFE_SHARED_WRITTEN;
		s->conflicts += r->of[i].outcome == SFE_SHARED_CONFLICT;
		s->begun_anew += r->of[i].outcome == SFE_SHARED_ANEW;
		s->restored += r->of[i].outcome == SFE_SHARED_RESTORED;
	}
	for (uint32_t i = r->n_home; i < r->n; i++) {
		if (r->of[i].outcome != SFE_SHARED_AGAIN)
			continue;
		s->runs_in_vain++;
		s->vain_operations += r->of[i].ops;
		s->vain_bytes += r->of[i].vain_bytes;
	}
	s->overwritten += overwritten(r);
}

/* What the home has at the end is the last version. */
static int check_held(const struct reading *r, struct sfe_error *err)
{
	const struct version *last = &r->version[r->n_versions - 1];
	const struct sfe_kept_shared *held =
		r->a->out->kept_shared ? &r->a->out->kept_shared[r->of->instance] : NULL;

	if (!held || !held->any ||
		(held->epoch == last->epoch && held->version == last->number &&
			(!last->digest || held->digest == last->digest)))
		return 0;
	return fail(r, r->of, "its home has another version at the end than it says", err);
}

static int check_state(struct reading *r, struct sfe_error *err)
{
	int rc = check_home(r, err);

	rc = rc ? rc : check_once(r, err);
	rc = rc ? rc : check_got(r, err);
	rc = rc ? rc : check_held(r, err);
	if (rc)
		return rc;
	join_runs(r);
	mark_jobs(r);
	add_sums(r, &r->a->out->shared_sums);
	return 0;
}

static uint32_t changes_of(const struct sfe_job *job)
{
	uint32_t n = 0;

	for (uint32_t s = 0; job->shared && s < job->n_steps; s++)
		for (uint32_t i = 0; i < job->shared[s].n; i++)
			n += job->shared[s].of[i].access != SFE_READ;
	return n;
}

static int check_jobs(const struct sfe_collector *a, const uint32_t *changed, struct sfe_error *err)
{
	for (uint32_t j = 0; j < a->out->n_jobs; j++) {
		const struct sfe_job_result *job = &a->out->jobs[j];
		const struct sfe_job *spec = a->deployment->jobs[j].job;
		if (job->ended && !job->status && changed[j] != changes_of(spec))
			return sfe_fail(err, -EPROTO, a->out->strategy->name, REPORT_IT,
				"job %u is done with %" PRIu32 " changes of states that outlive "
				"it; its steps make %" PRIu32,
				spec->number, changed[j], changes_of(spec));
	}
	return 0;
}

bool sfe_collector_valid_held(const struct sfe_collector *a, const struct sfe_ctl_shared_held *held)
{
	const struct sfe_deployment *d = a->deployment;
	const struct sfe_shared_instances *all = d->shared;

	if (!all || held->condition > SFE_STATE_LOST || !is_known(a, held->instance))
		return false;
	if (held->header.node != deployment_home(d, held->instance))
		return false;
	return held->instance >= all->n || all->of[held->instance].sizes_vary
		       ? held->bytes <= SFE_MAX_MESSAGE_BYTES
		       : held->bytes == state_of(a, held->instance)->bytes;
}

int sfe_collector_add_held(
	struct sfe_collector *a, const struct sfe_ctl_shared_held *held, struct sfe_error *err)
{
	struct sfe_replay *out = a->out;

	if (!out->kept_shared)
		out->kept_shared = calloc((size_t)a->deployment->shared->n + SFE_MOST_CREATED,
			sizeof(*out->kept_shared));
	if (!out->kept_shared)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	out->kept_shared[held->instance] = (struct sfe_kept_shared){.any = true,
		.absent = held->absent,
		.condition = (enum sfe_state_condition)held->condition,
		.home = held->header.node,
		.epoch = held->epoch,
		.version = held->number,
		.bytes = held->bytes,
		.digest = held->digest,
		.kept_at = held->kept_at};
	out->shared_sums.lost += held->condition == SFE_STATE_LOST && held->number;
	return 0;
}

int sfe_collector_check_shared(struct sfe_collector *a, struct sfe_error *err)
{
	struct sfe_replay *out = a->out;
	size_t n = (size_t)out->n_shared + 1;
	struct reading r = {.a = a,
		.version = calloc(n, sizeof(*r.version)),
		.change = calloc(n, sizeof(*r.change)),
		.changed = calloc((size_t)out->n_jobs + 1, sizeof(*r.changed))};
	int rc = 0;

	if (!r.version || !r.change || !r.changed)
		rc = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (!rc && out->n_shared)
		qsort(out->shared, out->n_shared, sizeof(*out->shared), by_state);
	for (uint32_t i = 0; i < out->n_shared && !rc; i += r.n) {
		r.of = &out->shared[i];
		r.n = r.n_home = 0;
		while (i + r.n < out->n_shared && r.of[r.n].instance == r.of->instance)
			r.n_home += at_home(&r.of[r.n++]);
		rc = is_known(a, r.of->instance) ? check_state(&r, err)
						 : fail(&r, r.of, "its state was not created", err);
	}
	rc = rc ? rc : check_jobs(a, r.changed, err);
	free(r.version);
	free(r.change);
	free(r.changed);
	return rc;
}
