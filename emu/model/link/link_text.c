/* SPDX-License-Identifier: MIT */
/* The attributes of a link as text, in one table: name, default, reader, writer. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "emu/model/link/link_text_loss.h"
#include "emu/model/link/link_words.h"
#include "sfemu/link.h"
#include "sfemu/units.h"

#define KBIT 1000ull
#define GBIT 1000000000ull
#define HOUR 3600000000000ull
#define MIN_MTU 576u
#define MAX_MTU 65535u
#define MAX_OVERHEAD 1000
#define MAX_CELL 1000u

static int set_rate(SFE_SET_ARGS)
{
	uint64_t bps;
	int r;

	SFE_NO_FILES;
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

static int set_delay(SFE_SET_ARGS)
{
	static const char table[] = "table ";

	text += strspn(text, " ");
	if (files && files->names_only && !strncmp(text, table, strlen(table))) {
		text += strlen(table);
		return sfe_delay_named(text + strspn(text, " "), &files->samples, &s->delay, err);
	}
	return sfe_delay_parse(text, folder, files ? &files->samples : NULL, &s->delay, err);
}

static void print_delay(const struct sfe_link_spec *s, FILE *out)
{
	char buf[SFE_DELAY_TEXT];

	fputs(sfe_delay_format(&s->delay, buf), out);
}

static int set_delay_correlation(SFE_SET_ARGS)
{
	double share;

	SFE_NO_FILES;
	if (!sfe_word_percent(text, SFE_MAX_CORRELATION, &share))
		return sfe_link_refuse(
			text, "a correlation", "write a share from 0 to 99%, such as 25%", err);
	s->delay_correlation = share;
	return 0;
}

static void print_delay_correlation(const struct sfe_link_spec *s, FILE *out)
{
	sfe_print_percent(s->delay_correlation, out);
}

static int set_slots(SFE_SET_ARGS)
{
	static const char todo[] =
		"write none, or a time such as 10ms, or LEAST MOST, then packets N or bytes SIZE";
	struct sfe_slots slots = {0};
	struct sfe_words w;
	uint64_t bytes;
	bool good = sfe_words_split(text, &w);
	int at = 1;

	SFE_NO_FILES;
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
			good = sfe_word_u32(w.word[at + 1], 1, INT32_MAX, &slots.max_packets);
		} else {
			good = !strcmp(w.word[at], "bytes") && w.word[at + 1] &&
			       !sfe_parse_size(w.word[at + 1], &bytes, NULL) && bytes &&
			       bytes <= INT32_MAX;
			slots.max_bytes = good ? (uint32_t)bytes : 0;
		}
	}
	if (!good || slots.min_ns > slots.max_ns || !slots.max_ns || slots.max_ns > HOUR)
		return sfe_link_refuse(text, "a pattern of slots", todo, err);
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

/* Queues smaller than one packet are refused by sfe_link_check, which knows rate and MTU. */
static int set_queue(SFE_SET_ARGS)
{
	uint64_t ns = 0, bytes = 0;
	uint32_t packets = 0;
	struct sfe_words w;

	SFE_NO_FILES;
	if (sfe_words_split(text, &w) && w.n == 2 && !strcmp(w.word[1], "packets")) {
		if (!sfe_word_u32(w.word[0], 1, 1000000, &packets))
			return sfe_link_refuse(text, "a queue", "write 1 to 1000000 packets", err);
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

static const char *const disciplines[SFE_DISCIPLINES] = {
	[SFE_DROP_TAIL] = "droptail",
	[SFE_CODEL] = "codel",
	[SFE_FQ_CODEL] = "fq_codel",
	[SFE_PIE] = "pie",
};

static int set_discipline(SFE_SET_ARGS)
{
	SFE_NO_FILES;
	for (unsigned i = 0; i < SFE_DISCIPLINES; i++)
		if (!strcmp(text, disciplines[i])) {
			s->discipline = (enum sfe_discipline)i;
			return 0;
		}
	return sfe_link_refuse(
		text, "a queue discipline", "write one of droptail, codel, fq_codel, pie", err);
}

static void print_discipline(const struct sfe_link_spec *s, FILE *out)
{
	fputs(disciplines[s->discipline], out);
}

static int set_mtu(SFE_SET_ARGS)
{
	SFE_NO_FILES;
	if (!strcmp(text, "tcp")) {
		s->mtu = 0;
		return 0;
	}
	return sfe_word_u32(text, MIN_MTU, MAX_MTU, &s->mtu)
		       ? 0
		       : sfe_link_refuse(
				 text, "an MTU", "write 576 to 65535, or tcp for tcp.mtu", err);
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

	if (!word || !sfe_word_u32(word + (*word == '-'), 0, MAX_OVERHEAD, &v))
		return false;
	*out = *word == '-' ? -(int32_t)v : (int32_t)v;
	return true;
}

static int set_overhead(SFE_SET_ARGS)
{
	int32_t overhead = 0, cell_overhead = 0;
	uint32_t cell = 0;
	struct sfe_words w;
	bool good = sfe_words_split(text, &w) && (w.n == 1 || w.n == 3 || w.n == 4) &&
		    read_signed(w.word[0], &overhead);

	SFE_NO_FILES;
	if (good && w.n > 1)
		good = !strcmp(w.word[1], "cell") && sfe_word_u32(w.word[2], 1, MAX_CELL, &cell) &&
		       (w.n == 3 || read_signed(w.word[3], &cell_overhead)) &&
		       (int32_t)cell + cell_overhead > 0;
	if (!good)
		return sfe_link_refuse(text, "an overhead",
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

static int set_duplex(SFE_SET_ARGS)
{
	SFE_NO_FILES;
	if (strcmp(text, "half") && strcmp(text, "full"))
		return sfe_link_refuse(text, "a kind of duplex", "write half or full", err);
	s->full_duplex = *text == 'f';
	return 0;
}

static void print_duplex(const struct sfe_link_spec *s, FILE *out)
{
	fputs(s->full_duplex ? "full" : "half", out);
}

static const char *const media[SFE_MEDIA] = {
	[SFE_MEDIUM_FIFO] = "fifo", [SFE_MEDIUM_FAIR] = "fair", [SFE_MEDIUM_DCF] = "dcf"};

static int set_medium(SFE_SET_ARGS)
{
	SFE_NO_FILES;
	for (unsigned i = 0; i < SFE_MEDIA; i++)
		if (!strcmp(text, media[i])) {
			s->medium = (enum sfe_medium)i;
			return 0;
		}
	return sfe_link_refuse(text, "a kind of medium", "write fifo, fair or dcf", err);
}

static void print_medium(const struct sfe_link_spec *s, FILE *out)
{
	fputs(media[s->medium], out);
}

const struct sfe_link_attribute sfe_link_attributes[] = {
	{"rate", "topology", set_rate, print_rate},
	{"delay", NULL, set_delay, print_delay},
	{"delay_correlation", "0", set_delay_correlation, print_delay_correlation},
	{"loss", "0", sfe_set_loss, sfe_print_loss},
	{"duplicate", "0", sfe_set_duplicate, sfe_print_duplicate},
	{"corrupt", "0", sfe_set_corrupt, sfe_print_corrupt},
	{"reorder", "0", sfe_set_reorder, sfe_print_reorder},
	{"slots", "none", set_slots, print_slots},
	{"queue", "100ms", set_queue, print_queue},
	{"discipline", "droptail", set_discipline, print_discipline},
	{"mtu", "tcp", set_mtu, print_mtu},
	{"overhead", "0", set_overhead, print_overhead},
	{"medium", "fifo", set_medium, print_medium},
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
