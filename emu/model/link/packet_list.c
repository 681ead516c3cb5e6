/* SPDX-License-Identifier: MIT */
#include "sfemu/packet_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/input.h"
#include "emu/model/base/text.h"

struct reading {
	struct sfe_packet_list *list;
	uint32_t cap;
	const char *file;
	struct sfe_lines lines;
	struct sfe_error *err;
};

static int refuse(const struct reading *r, struct sfe_span line, const char *what, const char *todo)
{
	return sfe_fail_at(
		r->err, -EINVAL, r->file, r->lines.line, todo, "'%s' %s", SFE_SHOW(line), what);
}

static bool read_number(struct sfe_span text, uint64_t *out)
{
	return !sfe_span_u64(text, out) && *out >= 1 && *out <= SFE_MAX_PACKET_NUMBER;
}

/* "7" or "10-19". */
static bool read_range(struct sfe_span line, struct sfe_packet_range *out)
{
	const char *dash = memchr(line.at, '-', line.len);
	size_t len = dash ? (size_t)(dash - line.at) : line.len;

	if (!read_number((struct sfe_span){line.at, len}, &out->first))
		return false;
	out->last = out->first;
	return !dash || (read_number((struct sfe_span){dash + 1, line.len - len - 1}, &out->last) &&
				out->last >= out->first);
}

static int add_range(struct reading *r, struct sfe_span line, struct sfe_packet_range range)
{
	struct sfe_packet_list *list = r->list;
	struct sfe_packet_range *last = list->n ? &list->range[list->n - 1] : NULL;

	if (last && range.first <= last->last)
		return refuse(r, line, "does not come after the number before it",
			"put them in order, each once");
	list->packets += range.last - range.first + 1;
	if (last && range.first == last->last + 1) {
		last->last = range.last;
		return 0;
	}
	if (list->n == SFE_MAX_PACKET_RANGES)
		return sfe_fail_at(r->err, -EINVAL, r->file, r->lines.line,
			"take fewer, or let them begin again with every N",
			"more than %u ranges of packets", SFE_MAX_PACKET_RANGES);
	if (sfe_grow(&list->range, &r->cap, list->n + 1, sizeof(*list->range)))
		return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
	list->range[list->n++] = range;
	return 0;
}

static int read_line(struct reading *r, struct sfe_span line)
{
	struct sfe_packet_range range;
	struct sfe_span word[2];

	if (sfe_span_split(line, ' ', word, 2) == 2 && sfe_span_is(word[0], "every")) {
		if (r->list->period)
			return refuse(r, line, "is a second period", "write one");
		return read_number(word[1], &r->list->period)
			       ? 0
			       : refuse(r, line, "is not a number of packets",
					 "write every N, such as every 1000");
	}
	if (!read_range(line, &range))
		return refuse(r, line, "is not a packet number",
			"write one a line, from 1 to 2^48, a range such as 10-19, or every N");
	return add_range(r, line, range);
}

int sfe_packet_list_parse(const char *text, size_t len, const char *file,
	struct sfe_packet_list *list, struct sfe_error *err)
{
	struct reading r = {
		.list = list, .file = file, .lines = sfe_lines_begin(text, len), .err = err};
	struct sfe_span line;
	int rc = 0;

	while (!rc && sfe_lines_next(&r.lines, &line)) {
		const char *comment = memchr(line.at, '#', line.len);
		if (comment)
			line.len = (size_t)(comment - line.at);
		line = sfe_span_trim(line);
		if (line.len)
			rc = read_line(&r, line);
	}
	if (rc)
		return rc;
	if (!list->n)
		return sfe_fail(err, -EINVAL, file, "write one number a line", "has no packets");
	if (list->period && list->period < list->range[list->n - 1].last)
		return sfe_fail(err, -EINVAL, file, "write a larger N, or leave out what is after",
			"repeats every %" PRIu64 " packets, before number %" PRIu64, list->period,
			list->range[list->n - 1].last);
	return 0;
}

static int load(struct sfe_packet_list *list, struct sfe_error *err)
{
	struct sfe_error cause = {0};
	char *text;
	size_t len;
	int r = sfe_input_load(list->file, &text, &len, NULL, &cause);

	if (!r) {
		list->digest = sfe_input_digest(text, len);
		r = sfe_packet_list_parse(text, len, list->file, list, &cause);
		free(text);
	}
	if (r)
		sfe_fail(err, -EINVAL, NULL, cause.todo, "%.250s: %s", cause.where, cause.what);
	return r && r != -ENOMEM ? -EINVAL : r;
}

int sfe_packet_list_named(const char *name, struct sfe_packet_list **lists,
	const struct sfe_packet_list **out, struct sfe_error *err)
{
	struct sfe_packet_list *l = *lists;

	while (l && strcmp(l->file, name) != 0)
		l = l->next;
	if (!l) {
		l = calloc(1, sizeof(*l));
		if (!l || !(l->file = strdup(name)) || !(l->range = calloc(1, sizeof(*l->range)))) {
			sfe_packet_lists_free(l);
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		}
		l->n = 1;
		l->packets = 1;
		l->range[0] = (struct sfe_packet_range){1, 1};
		l->next = *lists;
		*lists = l;
	}
	*out = l;
	return 0;
}

int sfe_packet_list_load(const char *name, const char *folder, struct sfe_packet_list **lists,
	const struct sfe_packet_list **out, struct sfe_error *err)
{
	char *full;
	int r = sfe_text_find(name, folder, &full, err);

	if (r)
		return r;
	for (const struct sfe_packet_list *l = *lists; l; l = l->next)
		if (!strcmp(l->file, full)) {
			free(full);
			*out = l;
			return 0;
		}
	struct sfe_packet_list *list = calloc(1, sizeof(*list));
	if (!list) {
		free(full);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	list->file = full;
	r = load(list, err);
	if (r) {
		sfe_packet_lists_free(list);
		return r;
	}
	list->next = *lists;
	*lists = list;
	*out = list;
	return 0;
}

void sfe_packet_lists_free(struct sfe_packet_list *lists)
{
	while (lists) {
		struct sfe_packet_list *next = lists->next;
		free(lists->file);
		free(lists->range);
		free(lists);
		lists = next;
	}
}

bool sfe_packet_list_has(const struct sfe_packet_list *list, uint64_t number)
{
	uint32_t lo = 0, hi = list->n;

	if (list->period)
		number = (number - 1) % list->period + 1;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (list->range[mid].last < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < list->n && list->range[lo].first <= number;
}

double sfe_packet_list_mean(const struct sfe_packet_list *list)
{
	return list->period ? (double)list->packets / (double)list->period : 0;
}
