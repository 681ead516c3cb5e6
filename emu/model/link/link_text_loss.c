/* SPDX-License-Identifier: MIT */
/* Loss, duplication, corruption and reordering of a link's packets as text. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "emu/model/link/link_text_loss.h"
#include "emu/model/link/link_words.h"

#define LISTED "packets "

static bool read_probability(char *const *word, int n, struct sfe_probability *out)
{
	*out = (struct sfe_probability){0};
	return n >= 1 && n <= 2 && sfe_word_percent(word[0], 1, &out->probability) &&
	       (n == 1 || sfe_word_percent(word[1], SFE_MAX_CORRELATION, &out->correlation));
}

static void print_probability(const struct sfe_probability *c, FILE *out)
{
	sfe_print_percent(c->probability, out);
	if (c->correlation) {
		fputc(' ', out);
		sfe_print_percent(c->correlation, out);
	}
}

static int set_packet_list(SFE_SET_ARGS)
{
	struct sfe_loss loss = {.model = SFE_LOSS_PACKET_LIST};
	int r;

	if (!files)
		return sfe_fail(err, -EINVAL, NULL, "write the probability",
			"a list of packets cannot be used here");
	text += strspn(text, " ");
	if (!*text)
		return sfe_link_refuse(
			text, "the path of a file", "write packets FILE: one number a line", err);
	r = files->names_only
		    ? sfe_packet_list_named(text, &files->packets, &loss.packets, err)
		    : sfe_packet_list_load(text, folder, &files->packets, &loss.packets, err);
	if (!r)
		s->loss = loss;
	return r;
}

int sfe_set_loss(SFE_SET_ARGS)
{
	static const char todo[] =
		"write 1%, or 1% CORRELATION, gilbert P R [1-H [1-K]], or markov P13 P31 P32 P14 "
		"P23, each a share such as 1%, or packets FILE";
	struct sfe_loss loss = {0};
	struct sfe_probability chance;
	struct sfe_words w;
	if (!strncmp(text, LISTED, strlen(LISTED)))
		return set_packet_list(s, text + strlen(LISTED), folder, files, err);
	bool good = sfe_words_split(text, &w);
	if (good && (!strcmp(w.word[0], "gilbert") || !strcmp(w.word[0], "markov"))) {
		bool markov = *w.word[0] == 'm';
		loss.model = markov ? SFE_LOSS_MARKOV : SFE_LOSS_GILBERT_ELLIOTT;
		loss.p[2] = markov ? 0 : 1; /* Gilbert's model: the bad state loses all packets */
		good = markov ? w.n == 6 : w.n >= 3 && w.n <= 5;
		for (int i = 1; i < w.n && good; i++)
			good = sfe_word_percent(w.word[i], 1, &loss.p[i - 1]);
		if (good && markov && (loss.p[0] + loss.p[3] > 1 || loss.p[1] + loss.p[2] > 1))
			return sfe_fail(err, -EINVAL, NULL, "lower one of the two",
				"P13 + P14 or P31 + P32 is more than 100%%");
	} else if (good) {
		good = read_probability(w.word, w.n, &chance);
		loss.p[0] = chance.probability;
		loss.p[1] = chance.correlation;
	}
	if (!good)
		return sfe_link_refuse(text, "a loss", todo, err);
	s->loss = loss;
	return 0;
}

void sfe_print_loss(const struct sfe_link_spec *s, FILE *out)
{
	static const struct {
		const char *word;
		int n;
	} models[] = {
		[SFE_LOSS_RANDOM] = {"", 2},
		[SFE_LOSS_GILBERT_ELLIOTT] = {"gilbert", 4},
		[SFE_LOSS_MARKOV] = {"markov", 5},
	};

	if (s->loss.model == SFE_LOSS_PACKET_LIST) {
		fprintf(out, LISTED "%s", s->loss.packets->file);
		return;
	}
	if (s->loss.model == SFE_LOSS_RANDOM) {
		print_probability(&(struct sfe_probability){s->loss.p[0], s->loss.p[1]}, out);
		return;
	}
	fputs(models[s->loss.model].word, out);
	for (int i = 0; i < models[s->loss.model].n; i++) {
		fputc(' ', out);
		sfe_print_percent(s->loss.p[i], out);
	}
}

static int set_probability(const char *text, struct sfe_probability *out, struct sfe_error *err)
{
	struct sfe_probability c;
	struct sfe_words w;

	if (!sfe_words_split(text, &w) || !read_probability(w.word, w.n, &c))
		return sfe_link_refuse(
			text, "a share of packets", "write 1%, or 1% CORRELATION (0 to 99%)", err);
	*out = c;
	return 0;
}

int sfe_set_duplicate(SFE_SET_ARGS)
{
	SFE_NO_FILES;
	return set_probability(text, &s->duplicate, err);
}

void sfe_print_duplicate(const struct sfe_link_spec *s, FILE *out)
{
	print_probability(&s->duplicate, out);
}

int sfe_set_corrupt(SFE_SET_ARGS)
{
	SFE_NO_FILES;
	return set_probability(text, &s->corrupt, err);
}

void sfe_print_corrupt(const struct sfe_link_spec *s, FILE *out)
{
	print_probability(&s->corrupt, out);
}

int sfe_set_reorder(SFE_SET_ARGS)
{
	struct sfe_probability c = {0};
	struct sfe_words w;
	uint32_t gap = 1;
	bool good = sfe_words_split(text, &w);

	SFE_NO_FILES;
	if (good && w.n >= 3 && !strcmp(w.word[w.n - 2], "gap")) {
		good = sfe_word_u32(w.word[w.n - 1], 1, UINT32_MAX, &gap);
		w.n -= 2;
	}
	if (!good || !read_probability(w.word, w.n, &c))
		return sfe_link_refuse(text, "a share of packets to reorder",
			"write 1%, 1% CORRELATION, or either with gap N (every Nth packet)", err);
	s->reorder = c;
	s->reorder_gap = c.probability > 0 ? gap : 0;
	return 0;
}

void sfe_print_reorder(const struct sfe_link_spec *s, FILE *out)
{
	print_probability(&s->reorder, out);
	if (s->reorder_gap > 1)
		fprintf(out, " gap %" PRIu32, s->reorder_gap);
}
