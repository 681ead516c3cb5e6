/* SPDX-License-Identifier: MIT */
/* A document of random sentences, as the first step of scenarios/words.yaml. Frequent words come
 * much more often than rare ones, as in a language. The output follows from the seed, the job and
 * the step alone. */
#include <sfemu/function.h>
#include <string.h>

#define SENTENCES 1500u

/* The frequent ones first. */
static const char *const words[] = {"the", "of", "edge", "and", "to", "a", "in", "node", "is", "it",
	"that", "state", "for", "function", "on", "with", "as", "job", "network", "at", "client",
	"server", "by", "we", "from", "cloud", "sensor", "camera", "store", "chain", "step",
	"delay", "packet", "queue", "link", "loss", "rate", "time", "window", "frame", "result",
	"place", "model", "reply", "call", "move", "copy", "late", "local", "radio"};
#define N_WORDS (sizeof(words) / sizeof(words[0]))

/* Of three numbers the least: the first words are drawn most. */
static const char *draw(struct sfe_call *call)
{
	uint64_t least = N_WORDS;

	for (int i = 0; i < 3; i++) {
		uint64_t n = sfe_random(call, "words") % N_WORDS;
		least = n < least ? n : least;
	}
	return words[least];
}

/* Writes a sentence of 4 to 15 words, at most 256 bytes; returns its end. */
static char *sentence(struct sfe_call *call, char *to)
{
	uint64_t n = 4 + sfe_random(call, "lengths") % 12;
	char *begin = to;

	for (uint64_t i = 0; i < n; i++) {
		const char *word = draw(call);
		size_t bytes = strlen(word);
		memcpy(to, word, bytes);
		to += bytes;
		*to++ = i + 1 < n ? ' ' : '.';
	}
	*begin += 'A' - 'a';
	*to++ = '\n';
	return to;
}

static int collect_text(struct sfe_call *call)
{
	static char text[SENTENCES * 256];
	char *end = text;

	for (unsigned i = 0; i < SENTENCES; i++)
		end = sentence(call, end);
	void *out = sfe_output(call, (uint64_t)(end - text));
	if (!out)
		return -1;
	memcpy(out, text, (size_t)(end - text));
	return 0;
}
SFE_FUNCTION(collect_text)
