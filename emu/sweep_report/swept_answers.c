/* SPDX-License-Identifier: MIT */
#include "emu/sweep_report/swept_answers.h"

#include <errno.h>
#include <math.h>
#include <string.h>

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
	COLUMN(least, WHOLE, "invocations or bytes", "the least size of these jobs"),
	COLUMN(most, WHOLE, "invocations or bytes", "the greatest one"),
	COLUMN(faster_mean_s, SECONDS, "s", "mean response time of these jobs under the faster"),
	COLUMN(slower_mean_s, SECONDS, "s", "under the slower"),
	COLUMN(less_s, SECONDS, "s", "how much less that is, mean over the seeds"),
	COLUMN(ci95_s, SECONDS, "s", "half the width of its 95 % confidence interval (paired)"),
	COLUMN(ratio, SECONDS, "", "mean response time of the faster to that of the slower"),
	COLUMN(low, SECONDS, "", "lower end of its 95 % confidence interval"),
	COLUMN(high, SECONDS, "", "upper end"),
	COLUMN(first_less_s, SECONDS, "s",
		"the same difference of the first size or value alone; less than 0: more"),
	COLUMN(first_ci95_s, SECONDS, "s", "half the width of its interval"),
	COLUMN(first_jobs, COUNT, "jobs", "of that size or value"),
	COLUMN(last_less_s, SECONDS, "s", "of the largest size or the last value alone"),
	COLUMN(last_ci95_s, SECONDS, "s", "half the width of its interval"),
	COLUMN(last_jobs, COUNT, "jobs", "of that size or value"),
	COLUMN(below_less_s, SECONDS, "s", "of all smaller sizes together; an axis has none"),
	COLUMN(below_ci95_s, SECONDS, "s", "half the width of its interval"),
	COLUMN(below_jobs, COUNT, "jobs", "of these sizes"),
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

/* A row that begins with the values of the grid, but for those of one axis. */
static struct sfe_answer_row *begin(const struct sfe_swept *s, uint32_t combination,
	unsigned leave_out, const char *by, struct sfe_rows *out)
{
	struct sfe_answer_row *row = sfe_rows_add(out);
	char name[200];

	if (!row)
		return NULL;
	row->combination = combination;
	for (unsigned i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (columns[i].cell == SFE_CELL_SECONDS || columns[i].cell == SFE_CELL_WHOLE)
			*(double *)((char *)row + columns[i].offset) = NAN;
	snprintf(row->by, sizeof(row->by), "%s", by);
	sfe_swept_name(s, combination, leave_out, name, sizeof(name));
	if (name[0])
		sfe_say(row->text, "%s: ", name);
	return row;
}

int sfe_answer_absent(const struct sfe_swept *s, uint32_t combination, const char *by,
	const char *why, struct sfe_rows *out)
{
	struct sfe_answer_row *row = begin(s, combination, s->n_axes, by, out);

	if (!row)
		return -ENOMEM;
	snprintf(row->state, sizeof(row->state), "absent");
	sfe_say(row->text, "this sweep cannot say from %s on a strategy is faster: %s.",
		strcmp(by, sfe_group_name(SFE_BY_CHAIN)) ? "which size of states"
							 : "how many steps",
		why);
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
	row->least = p->least;
	row->most = p->most;
	row->faster_mean_s = p->mean[faster];
	row->slower_mean_s = p->mean[!faster];
	row->less_s = d.difference;
	row->ci95_s = d.ci95;
	row->ratio = faster ? r : 1 / r;
	row->low = faster ? low : 1 / high;
	row->high = faster ? high : 1 / low;
}

#define INTERVAL "95 % interval "

/* "the response time is 168 ms instead of 209 ms: 41.2 ms less (95 % interval …)" */
static void say_means(struct sfe_answer_row *row, const struct sfe_comparison *p, int faster)
{
	char own[24], other[24];

	sfe_say(row->text, "the response time is %s instead of %s: ",
		sfe_seconds_text(p->mean[faster], own, sizeof(own)),
		sfe_seconds_text(p->mean[!faster], other, sizeof(other)));
	sfe_say_less(row->text, decision_of(p, faster), INTERVAL, 0);
}

/* ", 0.70 times as long (0.61 to 0.80)" */
static void say_ratio(struct sfe_answer_row *row)
{
	if (isfinite(row->ratio))
		sfe_say(row->text, ", %.2f times as long", row->ratio);
	if (isfinite(row->ratio) && isfinite(row->low))
		sfe_say(row->text, " (%.2f to %.2f)", row->low, row->high);
}

#define FEW 0.05 /* a share of the jobs that says little */

/* Of the sizes below the first one of the answer. */
static void say_below(struct sfe_answer_row *row, enum sfe_group_by by,
	const struct sfe_comparison *below, int faster, const char *const name[2])
{
	struct sfe_decision d = decision_of(below, faster);
	uint32_t jobs = row->jobs + below->jobs;

	if (!below->jobs)
		return;
	row->below_less_s = d.difference;
	row->below_ci95_s = d.ci95;
	row->below_jobs = below->jobs;
	sfe_say(row->text, " With %s (%s%u of %u jobs) ",
		by == SFE_BY_CHAIN ? "fewer steps" : "smaller states",
		below->jobs < FEW * jobs ? "only " : "", below->jobs, jobs);
	bool same = decides(d) > 0;
	if (decides(d) < 0) {
		faster = !faster;
		d.difference = -d.difference;
	}
	if (decides(d))
		sfe_say(row->text, "%s beats %s%s: ", name[faster], name[!faster],
			same ? ", too, if they are taken together" : "");
	else
		sfe_say(row->text, "the data does not decide: under %s ", name[faster]);
	sfe_say_less(row->text, d, INTERVAL, 0);
	sfe_say(row->text, ".");
}

/* "there is no … from which on": of sizes. */
static const char *which_size(enum sfe_group_by by)
{
	return by == SFE_BY_CHAIN ? "number of steps" : "size of states";
}

/* Of no size it can be said. all: over all of them. */
static void say_undecided(struct sfe_answer_row *row, const struct sfe_comparison *all,
	enum sfe_group_by by, const char *const name[2])
{
	int d = decides(decision_of(all, 0)), less = decision_of(all, 0).difference < 0;
	const char *what = which_size(by);

	snprintf(row->state, sizeof(row->state), all->jobs ? "undecided" : "absent");
	row->seeds = all->seeds;
	row->jobs = all->jobs;
	if (!all->jobs) {
		sfe_say(row->text,
			"this sweep cannot say which is faster: no job was done under both %s and "
			"%s.",
			name[0], name[1]);
		return;
	}
	if (!d) {
		sfe_say(row->text,
			"there is no %s from which on %s or %s is faster. Averaged over all %u "
			"job%s (%u seed%s), under %s ",
			what, name[0], name[1], all->jobs, sfe_plural(all->jobs), all->seeds,
			sfe_plural(all->seeds), name[less]);
		say_means(row, all, less);
		sfe_say(row->text, ", which does not decide.");
		return;
	}
	fill(row, all, d < 0, name);
	sfe_say(row->text, "%s beats %s over all %u job%s (%u seed%s) together, ", name[d < 0],
		name[d > 0], all->jobs, sfe_plural(all->jobs), all->seeds, sfe_plural(all->seeds));
	say_means(row, all, d < 0);
	say_ratio(row);
	sfe_say(row->text, "; but there is no %s from which on this is sure.", what);
}

/* " Of these, jobs with 5 steps take 20.1 ms less (…), and jobs with 16 to 23 steps 75.0 ms less
 * (…).": the first size and the largest one, each alone. */
static void say_ends(struct sfe_answer_row *row, enum sfe_group_by by,
	const struct sfe_comparison *pair, uint32_t from, uint32_t n, int faster)
{
	const struct sfe_comparison *first = &pair[from], *last = &pair[n - 1];

	while (!last->jobs) /* the first one has some */
		last--;
	row->first_less_s = decision_of(first, faster).difference;
	row->first_ci95_s = decision_of(first, faster).ci95;
	row->first_jobs = first->jobs;
	row->last_less_s = decision_of(last, faster).difference;
	row->last_ci95_s = decision_of(last, faster).ci95;
	row->last_jobs = last->jobs;
	if (first == last)
		return;
	sfe_say(row->text, " Of these, jobs ");
	sfe_say_sizes(row->text, by, first->least, first->most);
	sfe_say(row->text, " take ");
	sfe_say_less(row->text, decision_of(first, faster), "", first->jobs);
	sfe_say(row->text, ", and jobs ");
	sfe_say_sizes(row->text, by, last->least, last->most);
	sfe_say(row->text, " ");
	sfe_say_less(row->text, decision_of(last, faster), "", last->jobs);
	sfe_say(row->text, ".");
}

static void say_groups(struct sfe_answer_row *row, const struct line *line,
	const struct sfe_group *group, const struct sfe_comparison *pair,
	const struct sfe_comparison *together, uint32_t from, int faster)
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
	sfe_say(row->text, "%s beats %s ", line->name[faster], line->name[!faster]);
	if (from)
		sfe_say(row->text, "from %s%s on", by == SFE_BY_CHAIN ? "" : "states of ", at);
	else if (decided == n)
		sfe_say(row->text, "at every %s of this sweep", which_size(by));
	else
		sfe_say(row->text, "over all %s of this sweep together",
			by == SFE_BY_CHAIN ? "numbers of steps" : "sizes of states");
	row->strong_to = (uint32_t)strlen(row->text);
	sfe_say(row->text, ". Averaged over %s%u job%s ", from ? "these " : "its ", row->jobs,
		sfe_plural(row->jobs));
	sfe_say_sizes(row->text, by, together->least, together->most);
	sfe_say(row->text, " (%u seed%s), ", row->seeds, sfe_plural(row->seeds));
	say_means(row, together, faster);
	say_ratio(row);
	sfe_say(row->text, ".");
	say_ends(row, by, pair, from, line->n, faster);
	if (decided < n)
		sfe_say(row->text, " Of the %u groups in the figure %u decide%s by %s.", n, decided,
			decided == 1 ? "s" : "", decided == 1 ? "itself" : "themselves");
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
	say_groups(row, &line, group, pair, &together, from, faster);
	say_below(row, tail.by, &less, faster, line.name);
	return 0;
}

/* "at 10Mbit under A 1.20 ms less (…)"; nothing where there is no job. */
static void say_value(struct sfe_answer_row *row, const char *before, const char *label,
	const struct sfe_comparison *p, const char *const name[2])
{
	int less = decision_of(p, 0).difference < 0;

	if (!p->jobs)
		return;
	sfe_say(row->text, "%sat %.40s under %s ", before, label, name[less]);
	sfe_say_less(row->text, decision_of(p, less), INTERVAL, p->jobs);
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
		sfe_say(row->text, "there is no value of %.60s from which on %s or %s is faster",
			x->name, line.name[0], line.name[1]);
		say_value(row, ": ", x->label[0], pair[0], line.name);
		say_value(row, pair[0]->jobs ? ", " : ": ", x->label[line.n - 1], pair[line.n - 1],
			line.name);
		sfe_say(row->text, ".");
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
	row->first_less_s = row->less_s;
	row->first_ci95_s = row->ci95_s;
	row->first_jobs = row->jobs;
	row->last_less_s = decision_of(last, faster).difference;
	row->last_ci95_s = decision_of(last, faster).ci95;
	row->last_jobs = last->jobs;
	sfe_say(row->text, "%s beats %s ", line.name[faster], line.name[!faster]);
	if (everywhere)
		sfe_say(row->text, "at every %.60s of this sweep: at %.40s ", x->name, x->label[0]);
	else
		sfe_say(row->text, "from %.60s %.40s on: there ", x->name, x->label[from]);
	say_means(row, pair[from], faster);
	say_ratio(row);
	if (from + 1 < line.n && last->jobs) {
		sfe_say(row->text,
			decides(decision_of(last, faster)) > 0
				? "; at %.40s "
				: "; at %.40s the data does not decide: ",
			x->label[line.n - 1]);
		sfe_say_less(row->text, decision_of(last, faster), INTERVAL, last->jobs);
	} else if (from + 1 < line.n) {
		sfe_say(row->text, "; at %.40s no job was done under both", x->label[line.n - 1]);
	}
	sfe_say(row->text, ".");
	return 0;
}
