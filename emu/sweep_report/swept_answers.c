/* SPDX-License-Identifier: MIT */
#include "emu/sweep_report/swept_answers.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "emu/model/base/printable.h"

#define COLUMN(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct sfe_answer_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column columns[] = {
	COLUMN(combination, COUNT, "", "number of the combination of the grid's values, from 0"),
	COLUMN(by, TEXT, "",
		"chain: invocations of a job; states: bytes of all its states; else an axis"),
	COLUMN(state, TEXT, "",
		"everywhere: at each size; from: from a size on; together: over all sizes, of "
		"which "
		"not each decides; undecided; absent: the sweep cannot tell"),
	COLUMN(faster, TEXT, "", "the strategy with the shorter mean response time"),
	COLUMN(slower, TEXT, "", "the other one"),
	COLUMN(from, TEXT, "", "the first size or value at which that is so"),
	COLUMN(seeds, COUNT, "", "replications with such jobs"),
	COLUMN(jobs, COUNT, "jobs", "from there on, done under both"),
	COLUMN(earlier_s, SECONDS, "s", "how much earlier these jobs are done, mean"),
	COLUMN(ci95_s, SECONDS, "s", "half the width of its 95 % confidence interval (paired)"),
	COLUMN(ratio, SECONDS, "", "mean response time of the faster to that of the slower"),
	COLUMN(low, SECONDS, "", "lower end of its 95 % confidence interval"),
	COLUMN(high, SECONDS, "", "upper end"),
	COLUMN(text, TEXT, "", "the sentence"),
};
const struct sfe_table sfe_answers_table = {.file = "answers.csv",
	.a_row = "two strategies compared along an axis",
	.columns = columns,
	.n_columns = sizeof(columns) / sizeof(columns[0]),
	.row_size = sizeof(struct sfe_answer_row)};

/* 1: for the first strategy, -1: for the other one, 0: not decided. */
static int decides(struct sfe_decision x)
{
	if (isnan(x.ci95) || !(fabs(x.difference) > x.ci95))
		return 0;
	return x.difference > 0 ? 1 : -1;
}

uint32_t sfe_faster_from(const struct sfe_decision *x, uint32_t n)
{
	uint32_t first = n;

	for (uint32_t i = n; i-- > 0;) {
		int d = decides(x[i]);
		if (d < 0)
			break;
		if (d > 0)
			first = i;
	}
	return first;
}

/* Lengths of chains; longer ones are together, so that a class has enough jobs. */
static const uint32_t lengths[] = {0, 1, 2, 3, 4, 5, 6, 8, 11, 16, 24, 36};
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))
#define STATE_CLASSES 49u

static double class_from(uint32_t i)
{
	static const double digit[] = {1, 2, 5};
	double x = 1;

	for (uint32_t k = 3; k < i; k += 3)
		x *= 10;
	return i ? digit[(i - 1) % 3] * x : 0;
}

static struct sfe_group group_at(enum sfe_group_by by, uint32_t i)
{
	if (by == SFE_BY_CHAIN)
		return (struct sfe_group){
			by, lengths[i], i + 1 < LENGTHS ? lengths[i + 1] : INFINITY};
	return (struct sfe_group){
		by, class_from(i), i < STATE_CLASSES ? class_from(i + 1) : INFINITY};
}

static uint32_t group_index(enum sfe_group_by by, const struct sfe_swept_job *job)
{
	uint32_t i = 0;

	if (by == SFE_BY_CHAIN)
		while (i + 1 < LENGTHS && lengths[i + 1] <= job->steps)
			i++;
	else
		while (i < STATE_CLASSES && class_from(i + 1) <= job->state_bytes)
			i++;
	return i;
}

uint32_t sfe_groups_of(
	const struct sfe_combination *c, enum sfe_group_by by, struct sfe_group out[SFE_MAX_GROUPS])
{
	bool there[SFE_MAX_GROUPS] = {0};
	uint32_t n = 0;

	for (uint32_t r = 0; r < c->n; r++)
		for (uint32_t i = 0; i < c->replication[r].n; i++)
			there[group_index(by, &c->replication[r].job[i])] = true;
	for (uint32_t i = 0; i < SFE_MAX_GROUPS; i++)
		if (there[i])
			out[n++] = group_at(by, i);
	return n;
}

const char *sfe_group_name(enum sfe_group_by by)
{
	return by == SFE_BY_CHAIN ? "chain" : by == SFE_BY_STATES ? "states" : "sweep";
}

const char *sfe_group_text(enum sfe_group_by by, double size, char *buf, size_t n)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	unsigned u = 0;

	if (by == SFE_BY_CHAIN) {
		snprintf(buf, n, "%.0f step%s", size, size == 1 ? "" : "s");
		return buf;
	}
	while (size >= 1000 && u < 4) {
		size /= 1000;
		u++;
	}
	snprintf(buf, n, "%.15g %s", size, units[u]);
	return buf;
}

__attribute__((format(printf, 2, 3))) static void say(
	struct sfe_answer_row *row, const char *fmt, ...)
{
	size_t used = strlen(row->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(row->text + used, sizeof(row->text) - used, fmt, ap);
	va_end(ap);
}

/* A row that begins with the values of the grid, but for those of one axis. */
static struct sfe_answer_row *begin(const struct sfe_swept *s, uint32_t combination,
	unsigned leave_out, const char *by, struct sfe_rows *out)
{
	struct sfe_answer_row *row = sfe_rows_add(out);
	char name[200];

	if (!row)
		return NULL;
	row->combination = combination;
	row->earlier_s = row->ci95_s = row->ratio = row->low = row->high = NAN;
	snprintf(row->by, sizeof(row->by), "%s", by);
	sfe_swept_name(s, combination, leave_out, name, sizeof(name));
	if (name[0])
		say(row, "%s: ", name);
	return row;
}

int sfe_answer_absent(const struct sfe_swept *s, uint32_t combination, const char *by,
	const char *why, struct sfe_rows *out)
{
	struct sfe_answer_row *row = begin(s, combination, s->n_axes, by, out);

	if (!row)
		return -ENOMEM;
	snprintf(row->state, sizeof(row->state), "absent");
	say(row, "this sweep cannot say from which %s on a strategy is faster: %s.",
		strcmp(by, sfe_group_name(SFE_BY_CHAIN)) ? "size of states" : "chain length", why);
	return 0;
}

/* Two strategies along sizes or values. */
struct line {
	struct sfe_decision x[2][SFE_MAX_GROUPS]; /* for the first strategy, for the second */
	uint32_t n;
	const char *name[2];
};

/* x: of at most SFE_MAX_GROUPS. */
static void add_decision(struct line *line, const struct sfe_comparison *p)
{
	double d = p->difference[SFE_FIGURE_MEAN], ci = p->ci95[SFE_FIGURE_MEAN];

	if (line->n == SFE_MAX_GROUPS)
		return;
	line->x[0][line->n] = (struct sfe_decision){d, ci};
	line->x[1][line->n++] = (struct sfe_decision){-d, ci};
}

/* The strategy that is faster from some size on: 0 or 1, and the size; -1: none. */
static int find(const struct line *line, uint32_t *from)
{
	for (int k = 0; k < 2; k++) {
		*from = sfe_faster_from(line->x[k], line->n);
		if (*from < line->n)
			return k;
	}
	return -1;
}

static struct sfe_decision decision_of(const struct sfe_comparison *p, int faster)
{
	double d = p->difference[SFE_FIGURE_MEAN];

	return (struct sfe_decision){faster ? -d : d, p->ci95[SFE_FIGURE_MEAN]};
}

/* How much faster, in the row's columns. */
static void fill(struct sfe_answer_row *row, const struct sfe_comparison *p, int faster,
	const char *const name[2])
{
	struct sfe_decision d = decision_of(p, faster);
	double r = p->ratio[SFE_FIGURE_MEAN], low = p->low[SFE_FIGURE_MEAN],
	       high = p->high[SFE_FIGURE_MEAN];

	snprintf(row->faster, sizeof(row->faster), "%s", name[faster]);
	snprintf(row->slower, sizeof(row->slower), "%s", name[!faster]);
	row->seeds = p->seeds;
	row->jobs = p->jobs;
	row->earlier_s = d.difference;
	row->ci95_s = d.ci95;
	row->ratio = faster ? r : 1 / r;
	row->low = faster ? low : 1 / high;
	row->high = faster ? high : 1 / low;
}

/* "1.20 s earlier (95 % interval 0.90 s to 1.50 s)" */
static void say_by(struct sfe_answer_row *row, struct sfe_decision d)
{
	char mean[24], low[24], high[24];

	say(row, "%s earlier (95 %% interval %s to %s)",
		sfe_seconds_text(d.difference, mean, sizeof(mean)),
		sfe_seconds_text(d.difference - d.ci95, low, sizeof(low)),
		sfe_seconds_text(d.difference + d.ci95, high, sizeof(high)));
}

/* ", in 0.70 times its response time (0.61 to 0.80)" */
static void say_ratio(struct sfe_answer_row *row)
{
	if (isfinite(row->ratio))
		say(row, ", in %.2f times its response time", row->ratio);
	if (isfinite(row->ratio) && isfinite(row->low))
		say(row, " (%.2f to %.2f)", row->low, row->high);
}

static void say_count(struct sfe_answer_row *row)
{
	say(row, "%u job%s of %u seed%s", row->jobs, row->jobs == 1 ? "" : "s", row->seeds,
		row->seeds == 1 ? "" : "s");
}

static void say_below(
	struct sfe_answer_row *row, const struct sfe_comparison *below, const char *const name[2])
{
	int d = decides(decision_of(below, 0));

	if (!below->jobs)
		return;
	say(row, " Below that, ");
	if (!d) {
		say(row, "the data does not decide.");
		return;
	}
	say(row, "%s is ", name[d < 0]);
	say_by(row, decision_of(below, d < 0));
	say(row, ".");
}

static const char *group_word(enum sfe_group_by by)
{
	return by == SFE_BY_CHAIN ? "chain length" : "size of states";
}

/* Of no size it can be said. all: over all of them. */
static void say_undecided(struct sfe_answer_row *row, const struct sfe_comparison *all,
	enum sfe_group_by by, const char *const name[2])
{
	int d = decides(decision_of(all, 0));
	const char *what = group_word(by);

	snprintf(row->state, sizeof(row->state), all->jobs ? "undecided" : "absent");
	row->seeds = all->seeds;
	row->jobs = all->jobs;
	if (!all->jobs) {
		say(row,
			"this sweep cannot say which is faster: no job was done under both %s and "
			"%s.",
			name[0], name[1]);
		return;
	}
	if (!d) {
		say(row, "there is no %s from which on %s or %s is faster: over all ", what,
			name[0], name[1]);
		say_count(row);
		say(row, isnan(decision_of(all, 0).ci95)
				 ? " there is no interval."
				 : " the interval of the difference contains 0.");
		return;
	}
	fill(row, all, d < 0, name);
	say(row, "%s beats %s over all jobs together, ", name[d < 0], name[d > 0]);
	say_by(row, decision_of(all, d < 0));
	say_ratio(row);
	say(row, "; but there is no %s from which on this is sure. ", what);
	say_count(row);
	say(row, ".");
}

/* "5 to 12 steps", "200 kB to 2 MB": of the groups from one on. */
static void say_range(
	struct sfe_answer_row *row, const struct sfe_group *first, const struct sfe_group *last)
{
	char at[40], end[40];

	sfe_group_text(first->by, first->from, at, sizeof(at));
	if (isinf(last->below)) {
		say(row, "%s and more", at);
		return;
	}
	double most = last->by == SFE_BY_CHAIN ? last->below - 1 : last->below;
	if (first->from == most)
		say(row, "%s", at);
	else
		say(row, "%s to %s", at, sfe_group_text(last->by, most, end, sizeof(end)));
}

static void say_groups(struct sfe_answer_row *row, const struct line *line,
	const struct sfe_group *group, uint32_t from, int faster)
{
	char at[40];
	enum sfe_group_by by = group[0].by;
	uint32_t decided = 0, n = line->n - from;

	for (uint32_t i = from; i < line->n; i++)
		decided += decides(line->x[faster][i]) > 0;
	sfe_group_text(by, group[from].from, at, sizeof(at));
	snprintf(row->from, sizeof(row->from), "%.15g", group[from].from);
	snprintf(row->state, sizeof(row->state),
		from           ? "from"
		: decided == n ? "everywhere"
			       : "together");
	row->strong_from = (uint32_t)strlen(row->text);
	say(row, "%s beats %s ", line->name[faster], line->name[!faster]);
	if (from)
		say(row, "from %s of %s on: ", by == SFE_BY_CHAIN ? "a chain length" : "states",
			at);
	else if (decided == n)
		say(row, "at every %s of this sweep: ", group_word(by));
	else
		say(row, "over all %s of this sweep together: ",
			by == SFE_BY_CHAIN ? "chain lengths" : "sizes of states");
	row->strong_to = (uint32_t)strlen(row->text) - 2; /* without ": " */
	say_by(row, (struct sfe_decision){row->earlier_s, row->ci95_s});
	say_ratio(row);
	say(row, ". ");
	say_count(row);
	say(row, " with ");
	say_range(row, &group[from], &group[line->n - 1]);
	if (decided < n)
		say(row, "; of the %u sizes in the figure %u decide%s by %s", n, decided,
			decided == 1 ? "s" : "", decided == 1 ? "itself" : "themselves");
	say(row, ".");
}

int sfe_answer_groups(const struct sfe_swept *s, uint32_t combination,
	const struct sfe_combination *c, const struct sfe_group *group,
	const struct sfe_comparison *pair, uint32_t n, const uint32_t strategy[2],
	struct sfe_rows *out)
{
	const struct sfe_cell_jobs *a = sfe_cells_of(s, c, strategy[0]),
				   *b = sfe_cells_of(s, c, strategy[1]);
	uint32_t seeds = sfe_swept_seeds(s)->n, from = 0;
	struct line line = {.name = {sfe_swept_strategies(s)->label[strategy[0]],
				    sfe_swept_strategies(s)->label[strategy[1]]}};
	struct sfe_group tail = {group[0].by, 0, INFINITY}, below = tail;
	struct sfe_answer_row *row = begin(s, combination, s->n_axes, sfe_group_name(tail.by), out);
	struct sfe_comparison together, less;

	if (!row)
		return -ENOMEM;
	memcpy(row->strategy, line.name, sizeof(row->strategy));
	for (uint32_t i = 0; i < n; i++)
		add_decision(&line, &pair[i]);
	int faster = find(&line, &from);
	tail.from = below.below = faster < 0 ? 0 : group[from].from;
	if (sfe_measure_pair(a, b, seeds, tail, &together) ||
		sfe_measure_pair(a, b, seeds, below, &less))
		return -ENOMEM;
	if (faster < 0 || decides(decision_of(&together, faster)) <= 0) {
		tail.from = 0;
		if (sfe_measure_pair(a, b, seeds, tail, &together))
			return -ENOMEM;
		say_undecided(row, &together, tail.by, line.name);
		return 0;
	}
	fill(row, &together, faster, line.name);
	say_groups(row, &line, group, from, faster);
	say_below(row, &less, line.name);
	return 0;
}

int sfe_answer_axis(const struct sfe_swept *s, uint32_t first, unsigned axis,
	const struct sfe_comparison *const *pair, const uint32_t strategy[2], struct sfe_rows *out)
{
	const struct sfe_swept_axis *x = &s->axis[axis];
	struct line line = {.name = {sfe_swept_strategies(s)->label[strategy[0]],
				    sfe_swept_strategies(s)->label[strategy[1]]}};
	struct sfe_answer_row *row = begin(s, first, axis, x->name, out);
	uint32_t from = 0;

	if (!row)
		return -ENOMEM;
	memcpy(row->strategy, line.name, sizeof(row->strategy));
	for (uint32_t i = 0; i < x->n; i++)
		add_decision(&line, pair[i]);
	int faster = find(&line, &from);
	if (faster < 0) {
		snprintf(row->state, sizeof(row->state), "undecided");
		say(row, "there is no value of %.60s from which on %s or %s is faster.", x->name,
			line.name[0], line.name[1]);
		return 0;
	}
	const struct sfe_comparison *last = pair[line.n - 1];
	uint32_t decided = 0;
	for (uint32_t i = 0; i < line.n; i++)
		decided += decides(line.x[faster][i]) > 0;
	bool everywhere = decided == line.n;
	fill(row, pair[from], faster, line.name);
	snprintf(row->state, sizeof(row->state), everywhere ? "everywhere" : "from");
	snprintf(row->from, sizeof(row->from), "%s", x->label[from]);
	say(row, "%s beats %s ", line.name[faster], line.name[!faster]);
	if (everywhere)
		say(row, "at every %.60s of this sweep: at %.40s ", x->name, x->label[0]);
	else
		say(row, "from %.60s %.40s on: there ", x->name, x->label[from]);
	say_by(row, decision_of(pair[from], faster));
	if (from + 1 < line.n && decides(decision_of(last, faster)) > 0) {
		say(row, ", and at %.40s ", x->label[line.n - 1]);
		say_by(row, decision_of(last, faster));
	} else if (from + 1 < line.n) {
		say(row, "; at %.40s the data does not decide", x->label[line.n - 1]);
	}
	say(row, ".");
	return 0;
}
