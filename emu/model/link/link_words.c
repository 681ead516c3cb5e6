/* SPDX-License-Identifier: MIT */
/* Words of a link's attributes: numbers and probabilities. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"
#include "emu/model/link/link_words.h"

bool sfe_words_split(const char *text, struct sfe_words *w)
{
	char *save = NULL;

	*w = (struct sfe_words){0};
	if (strlen(text) >= sizeof(w->copy))
		return false;
	strcpy(w->copy, text);
	for (char *at = strtok_r(w->copy, " ", &save); at; at = strtok_r(NULL, " ", &save)) {
		if (w->n == SFE_MAX_WORDS)
			return false;
		w->word[w->n++] = at;
	}
	return w->n > 0;
}

int sfe_link_refuse(const char *text, const char *what, const char *todo, struct sfe_error *err)
{
	return sfe_fail(err, -EINVAL, NULL, todo, "'%.80s' is not %s", text, what);
}

bool sfe_word_u32(const char *word, uint64_t min, uint64_t max, uint32_t *out)
{
	uint64_t v;

	if (!word || sfe_span_u64((struct sfe_span){word, strlen(word)}, &v) || v < min || v > max)
		return false;
	*out = (uint32_t)v;
	return true;
}

bool sfe_word_percent(const char *word, double max, double *out)
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

void sfe_print_percent(double share, FILE *out)
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
