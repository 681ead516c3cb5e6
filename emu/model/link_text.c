/* SPDX-License-Identifier: MIT */
/* The attributes of a link as text, one table: name, default, reader, writer. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/text.h"
#include "sfemu/link.h"
#include "sfemu/units.h"

#define KBIT 1000ull
#define GBIT 1000000000ull
#define HOUR 3600000000000ull
#define MAX_WORDS 8
#define MAX_CORRELATION 0.99
#define MIN_MTU 576u
#define MAX_MTU 65535u
#define MAX_OVERHEAD 1000
#define MAX_CELL 1000u

#define SET_ARGS                                                                                   \
	struct sfe_link_spec *s, const char *text, const char *folder,                             \
		struct sfe_delay_samples **samples, struct sfe_error *err
#define UNUSED_FILES (void)folder, (void)samples

/* The text's words; a NULL word follows the last. They live in copy. */
struct words {
	char copy[256];
	char *word[MAX_WORDS + 1];
	int n;
};

static bool split(const char *text, struct words *w)
{
	char *save = NULL;

	*w = (struct words){0};
	if (strlen(text) >= sizeof(w->copy))
		return false;
	strcpy(w->copy, text);
	for (char *at = strtok_r(w->copy, " ", &save); at; at = strtok_r(NULL, " ", &save)) {
		if (w->n == MAX_WORDS)
			return false;
		w->word[w->n++] = at;
	}
	return w->n > 0;
}

static int refuse(const char *text, const char *what, const char *todo, struct sfe_error *err)
{
	return sfe_fail(err, -EINVAL, NULL, todo, "'%.80s' is not %s", text, what);
}

/* "1%", "0.25%" or "0", as 0 to 1. */
static bool read_percent(const char *word, double max, double *out)
{
	size_t len = strlen(word);

	if (!strcmp(word, "0")) {
		*out = 0;
		return true;
	}
	if (len < 2 || word[len - 1] != '%' ||
		sfe_span_double((struct sfe_span){word, len - 1}, out))
		return false;
	*out /= 100;
	return *out >= 0 && *out <= max;
}

/* The shortest decimal that reads back as the same share. */
static void print_percent(double share, FILE *out)
{
	char buf[32];

	if (!share) {
		fputc('0', out);
		return;
	}
	for (int digits = 6; digits <= 17; digits++) {
		snprintf(buf, sizeof(buf), "%.*g", digits, share * 100);
		if (strtod(buf, NULL) / 100 == share)
			break;
	}
	fprintf(out, "%s%%", buf);
}

static bool read_chance(char *const *word, int n, struct sfe_chance *out)
{
	*out = (struct sfe_chance){0};
	return n >= 1 && n <= 2 && read_percent(word[0], 1, &out->probability) &&
	       (n == 1 || read_percent(word[1], MAX_CORRELATION, &out->correlation));
}

static void print_chance(const struct sfe_chance *c, FILE *out)
{
	print_percent(c->probability, out);
	if (c->correlation) {
		fputc(' ', out);
		print_percent(c->correlation, out);
	}
}

static int set_rate(SET_ARGS)
{
	uint64_t bps;
	int r;

	UNUSED_FILES;
	if (!strcmp(text, "topology")) {
		s->rate_bps = 0;
		return 0;
	}
	r = sfe_parse_rate(text, &bps, err);
	if (!r && (bps < KBIT || bps > 100 * GBIT))
		r = sfe_fail(err, -EINVAL, NULL, "write a value from 1kbit to 100Gbit",
			"%.80s is out of range", text);
	if (!r)
		s->rate_bps = bps;
	return r;
}

static void print_rate(const struct sfe_link_spec *s, FILE *out)
{
	char buf[SFE_UNIT_TEXT];

	fputs(s->rate_bps ? sfe_format_rate(s->rate_bps, buf) : "topology", out);
}

static int set_delay(SET_ARGS)
{
	return sfe_delay_parse(text, folder, samples, &s->delay, err);
}

static void print_delay(const struct sfe_link_spec *s, FILE *out)
{
	char buf[SFE_DELAY_TEXT];

	fputs(sfe_delay_format(&s->delay, buf), out);
}

static int set_delay_correlation(SET_ARGS)
{
	double share;

	UNUSED_FILES;
	if (!read_percent(text, MAX_CORRELATION, &share))
		return refuse(
			text, "a correlation", "write a share from 0 to 99%, such as 25%", err);
	s->delay_correlation = share;
	return 0;
}

static void print_delay_correlation(const struct sfe_link_spec *s, FILE *out)
{
	print_percent(s->delay_correlation, out);
}

static int set_loss(SET_ARGS)
{
	static const char todo[] =
		"write 1%, or 1% CORRELATION, gilbert P R [1-H [1-K]], or markov P13 P31 P32 P14 "
		"P23, each a share such as 1%";
	struct sfe_loss loss = {0};
	struct sfe_chance chance;
	struct words w;
	bool good = split(text, &w);

	UNUSED_FILES;
	if (good && (!strcmp(w.word[0], "gilbert") || !strcmp(w.word[0], "markov"))) {
		bool markov = *w.word[0] == 'm';
		loss.model = markov ? SFE_LOSS_MARKOV : SFE_LOSS_GILBERT_ELLIOTT;
		loss.p[2] = markov ? 0 : 1; /* Gilbert's own: all is lost in the bad state */
		good = markov ? w.n == 6 : w.n >= 3 && w.n <= 5;
		for (int i = 1; i < w.n && good; i++)
			good = read_percent(w.word[i], 1, &loss.p[i - 1]);
		if (good && markov && (loss.p[0] + loss.p[3] > 1 || loss.p[1] + loss.p[2] > 1))
			return sfe_fail(err, -EINVAL, NULL, "lower one of the two",
				"P13 + P14 or P31 + P32 is more than 100%%");
	} else if (good) {
		good = read_chance(w.word, w.n, &chance);
		loss.p[0] = chance.probability;
		loss.p[1] = chance.correlation;
	}
	if (!good)
		return refuse(text, "a loss", todo, err);
	s->loss = loss;
	return 0;
}

static void print_loss(const struct sfe_link_spec *s, FILE *out)
{
	static const struct {
		const char *word;
		int n;
	} models[] = {
		[SFE_LOSS_RANDOM] = {"", 2},
		[SFE_LOSS_GILBERT_ELLIOTT] = {"gilbert", 4},
		[SFE_LOSS_MARKOV] = {"markov", 5},
	};

	if (s->loss.model == SFE_LOSS_RANDOM) {
		print_chance(&(struct sfe_chance){s->loss.p[0], s->loss.p[1]}, out);
		return;
	}
	fputs(models[s->loss.model].word, out);
	for (int i = 0; i < models[s->loss.model].n; i++) {
		fputc(' ', out);
		print_percent(s->loss.p[i], out);
	}
}

static int set_chance(const char *text, struct sfe_chance *out, struct sfe_error *err)
{
	struct sfe_chance c;
	struct words w;

	if (!split(text, &w) || !read_chance(w.word, w.n, &c))
		return refuse(
			text, "a share of packets", "write 1%, or 1% CORRELATION (0 to 99%)", err);
	*out = c;
	return 0;
}

static int set_duplicate(SET_ARGS)
{
	UNUSED_FILES;
	return set_chance(text, &s->duplicate, err);
}

static void print_duplicate(const struct sfe_link_spec *s, FILE *out)
{
	print_chance(&s->duplicate, out);
}

static int set_corrupt(SET_ARGS)
{
	UNUSED_FILES;
	return set_chance(text, &s->corrupt, err);
}

static void print_corrupt(const struct sfe_link_spec *s, FILE *out)
{
	print_chance(&s->corrupt, out);
}

static bool read_u32(const char *word, uint64_t min, uint64_t max, uint32_t *out)
{
	uint64_t v;

	if (!word || sfe_span_u64((struct sfe_span){word, strlen(word)}, &v) || v < min || v > max)
		return false;
	*out = (uint32_t)v;
	return true;
}

static int set_reorder(SET_ARGS)
{
	struct sfe_chance c = {0};
	struct words w;
	uint32_t gap = 1;
	bool good = split(text, &w);

	UNUSED_FILES;
	if (good && w.n >= 3 && !strcmp(w.word[w.n - 2], "gap")) {
		good = read_u32(w.word[w.n - 1], 1, UINT32_MAX, &gap);
		w.n -= 2;
	}
	if (!good || !read_chance(w.word, w.n, &c))
		return refuse(text, "a share of packets to reorder",
			"write 1%, 1% CORRELATION, or either with gap N (every Nth packet)", err);
	s->reorder = c;
	s->reorder_gap = c.probability > 0 ? gap : 0;
	return 0;
}

static void print_reorder(const struct sfe_link_spec *s, FILE *out)
{
	print_chance(&s->reorder, out);
	if (s->reorder_gap > 1)
		fprintf(out, " gap %" PRIu32, s->reorder_gap);
}

static int set_slots(SET_ARGS)
{
	static const char todo[] =
		"write none, or a time such as 10ms, or LEAST MOST, then packets N or bytes SIZE";
	struct sfe_slots slots = {0};
	struct words w;
	uint64_t bytes;
	bool good = split(text, &w);
	int at = 1;

	UNUSED_FILES;
	if (good && w.n == 1 && (!strcmp(text, "none") || !strcmp(text, "0"))) {
		s->slots = slots;
		return 0;
	}
	good = good && !sfe_parse_time(w.word[0], &slots.min_ns, NULL);
	slots.max_ns = slots.min_ns;
	if (good && w.n > 1 && !sfe_parse_time(w.word[1], &slots.max_ns, NULL))
		at = 2;
	else
		slots.max_ns = slots.min_ns;
	for (; good && at < w.n; at += 2) {
		if (!strcmp(w.word[at], "packets")) {
			good = read_u32(w.word[at + 1], 1, INT32_MAX, &slots.max_packets);
		} else {
			good = !strcmp(w.word[at], "bytes") && w.word[at + 1] &&
			       !sfe_parse_size(w.word[at + 1], &bytes, NULL) && bytes &&
			       bytes <= INT32_MAX;
			slots.max_bytes = good ? (uint32_t)bytes : 0;
		}
	}
	if (!good || slots.min_ns > slots.max_ns || !slots.max_ns || slots.max_ns > HOUR)
		return refuse(text, "a pattern of slots", todo, err);
	s->slots = slots;
	return 0;
}

static void print_slots(const struct sfe_link_spec *s, FILE *out)
{
	char a[SFE_UNIT_TEXT], b[SFE_UNIT_TEXT];

	if (!s->slots.max_ns) {
		fputs("none", out);
		return;
	}
	fprintf(out, "%s %s", sfe_format_time(s->slots.min_ns, a),
		sfe_format_time(s->slots.max_ns, b));
	if (s->slots.max_packets)
		fprintf(out, " packets %" PRIu32, s->slots.max_packets);
	if (s->slots.max_bytes)
		fprintf(out, " bytes %s", sfe_format_size(s->slots.max_bytes, a));
}

/* "less than one packet" is refused where rate and MTU are known: by sfe_link_check. */
static int set_queue(SET_ARGS)
{
	uint64_t ns = 0, bytes = 0;
	uint32_t packets = 0;
	struct words w;

	UNUSED_FILES;
	if (split(text, &w) && w.n == 2 && !strcmp(w.word[1], "packets")) {
		if (!read_u32(w.word[0], 1, 1000000, &packets))
			return refuse(text, "a queue", "write 1 to 1000000 packets", err);
	} else if (!sfe_parse_size(text, &bytes, NULL)) {
		if (!bytes || bytes > UINT32_MAX)
			return sfe_fail(err, -EINVAL, NULL, "write a size from one packet to 4GB",
				"%.80s is out of range", text);
	} else if (sfe_parse_time(text, &ns, NULL)) {
		return sfe_fail(err, -EINVAL, NULL,
			"write a time in ns, us, ms, s, such as 100ms, a size in B, kB, MB, KiB, "
			"MiB, such as 64kB, or a number of packets, such as '50 packets'",
			"'%.80s' is neither a time nor a size", text);
	} else if (!ns || ns > HOUR) {
		return sfe_fail(err, -EINVAL, NULL, "write a value from 1ns to 1h",
			"%.80s is out of range", text);
	}
	s->queue_bytes = bytes;
	s->queue_packets = packets;
	s->queue_ns = ns;
	return 0;
}

static void print_queue(const struct sfe_link_spec *s, FILE *out)
{
	char buf[SFE_UNIT_TEXT];

	if (s->queue_bytes)
		fputs(sfe_format_size(s->queue_bytes, buf), out);
	else if (s->queue_packets)
		fprintf(out, "%" PRIu32 " packets", s->queue_packets);
	else
		fputs(sfe_format_time(s->queue_ns, buf), out);
}

static const char *const disciplines[] = {
	[SFE_DROP_TAIL] = "droptail",
	[SFE_CODEL] = "codel",
	[SFE_FQ_CODEL] = "fq_codel",
	[SFE_PIE] = "pie",
};

static int set_discipline(SET_ARGS)
{
	UNUSED_FILES;
	for (unsigned i = 0; i < sizeof(disciplines) / sizeof(disciplines[0]); i++)
		if (!strcmp(text, disciplines[i])) {
			s->discipline = (enum sfe_discipline)i;
			return 0;
		}
	return refuse(
		text, "a queue discipline", "write one of droptail, codel, fq_codel, pie", err);
}

static void print_discipline(const struct sfe_link_spec *s, FILE *out)
{
	fputs(disciplines[s->discipline], out);
}

static int set_mtu(SET_ARGS)
{
	UNUSED_FILES;
	if (!strcmp(text, "tcp")) {
		s->mtu = 0;
		return 0;
	}
	return read_u32(text, MIN_MTU, MAX_MTU, &s->mtu)
		       ? 0
		       : refuse(text, "an MTU", "write 576 to 65535, or tcp for tcp.mtu", err);
}

static void print_mtu(const struct sfe_link_spec *s, FILE *out)
{
	if (s->mtu)
		fprintf(out, "%" PRIu32, s->mtu);
	else
		fputs("tcp", out);
}

static bool read_signed(const char *word, int32_t *out)
{
	uint32_t v;

	if (!word || !read_u32(word + (*word == '-'), 0, MAX_OVERHEAD, &v))
		return false;
	*out = *word == '-' ? -(int32_t)v : (int32_t)v;
	return true;
}

static int set_overhead(SET_ARGS)
{
	int32_t overhead = 0, cell_overhead = 0;
	uint32_t cell = 0;
	struct words w;
	bool good = split(text, &w) && (w.n == 1 || w.n == 3 || w.n == 4) &&
		    read_signed(w.word[0], &overhead);

	UNUSED_FILES;
	if (good && w.n > 1)
		good = !strcmp(w.word[1], "cell") && read_u32(w.word[2], 1, MAX_CELL, &cell) &&
		       (w.n == 3 || read_signed(w.word[3], &cell_overhead)) &&
		       (int32_t)cell + cell_overhead > 0;
	if (!good)
		return refuse(text, "an overhead",
			"write bytes (-1000 to 1000), and for cells: BYTES cell SIZE OVERHEAD, "
			"such as '22 cell 48 5'",
			err);
	s->overhead = overhead;
	s->cell_bytes = cell;
	s->cell_overhead = cell_overhead;
	return 0;
}

static void print_overhead(const struct sfe_link_spec *s, FILE *out)
{
	fprintf(out, "%" PRId32, s->overhead);
	if (s->cell_bytes)
		fprintf(out, " cell %" PRIu32 " %" PRId32, s->cell_bytes, s->cell_overhead);
}

static int set_duplex(SET_ARGS)
{
	UNUSED_FILES;
	if (strcmp(text, "half") && strcmp(text, "full"))
		return refuse(text, "a kind of duplex", "write half or full", err);
	s->full_duplex = *text == 'f';
	return 0;
}

static void print_duplex(const struct sfe_link_spec *s, FILE *out)
{
	fputs(s->full_duplex ? "full" : "half", out);
}

const struct sfe_link_attribute sfe_link_attributes[] = {
	{"rate", "topology", set_rate, print_rate},
	{"delay", NULL, set_delay, print_delay},
	{"delay_correlation", "0", set_delay_correlation, print_delay_correlation},
	{"loss", "0", set_loss, print_loss},
	{"duplicate", "0", set_duplicate, print_duplicate},
	{"corrupt", "0", set_corrupt, print_corrupt},
	{"reorder", "0", set_reorder, print_reorder},
	{"slots", "none", set_slots, print_slots},
	{"queue", "100ms", set_queue, print_queue},
	{"discipline", "droptail", set_discipline, print_discipline},
	{"mtu", "tcp", set_mtu, print_mtu},
	{"overhead", "0", set_overhead, print_overhead},
	{"duplex", "half", set_duplex, print_duplex},
	{NULL, NULL, NULL, NULL},
};

const struct sfe_link_attribute *sfe_link_attribute_find(const char *name)
{
	for (const struct sfe_link_attribute *a = sfe_link_attributes; a->name; a++)
		if (!strcmp(a->name, name))
			return a;
	return NULL;
}
