/* SPDX-License-Identifier: MIT */
/* Converts the text of a key to its field. */
#include "emu/model/scenario/scenario_keys.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/model/base/name_check.h"
#include "emu/model/base/printable.h"
#include "emu/model/scenario/scenario_placement.h"
#include "emu/model/scenario/scenario_strategies.h"

#define MAX_FACTOR 1e15      /* of the workload */
#define MAX_POISSON_RATE 1e6 /* jobs/s */

typedef const char *format_fn(uint64_t value, char buf[SFE_UNIT_TEXT]);

static void *field(const struct sfe_key *key, struct sfe_scenario *s)
{
	return (char *)s + key->offset;
}

static void list_words(const struct sfe_key_word *words, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (; words->word && used < size; words++)
		used += (size_t)snprintf(
			buf + used, size - used, "%s%s", used ? ", " : "", words->word);
}

static const struct sfe_key_word *find_word(const struct sfe_key_word *words, const char *text)
{
	for (; words && words->word; words++)
		if (!strcmp(words->word, text))
			return words;
	return NULL;
}

/* *out = text, which *out owns from now on; the former value is freed. */
static int replace(char **out, char *text, struct sfe_error *err)
{
	if (!text)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	free(*out);
	*out = text;
	return 0;
}

static int set_name(const struct sfe_key *key, const char *text, char **out, struct sfe_error *err)
{
	size_t len = strlen(text);
	int r = sfe_name_check((struct sfe_span){text, len}, err);

	if (!r && len > key->max)
		r = sfe_fail(err, -EINVAL, NULL, "shorten it",
			"the name %s has more than %" PRIu64 " bytes", text, key->max);
	return r ? r : replace(out, strdup(text), err);
}

static int set_choice(
	const struct sfe_key *key, const char *text, char **out, struct sfe_error *err)
{
	char todo[128] = "write one of ";

	if (*text && !find_word(key->words, text)) {
		list_words(key->words, todo + strlen(todo), sizeof(todo) - strlen(todo));
		return sfe_fail(err, -EINVAL, NULL, todo, "'%.80s' is not known", text);
	}
	if (*text)
		return replace(out, strdup(text), err);
	free(*out);
	*out = NULL;
	return 0;
}

static char *join(const char *folder, const char *text)
{
	char *path;
	bool as_is = *text == '/' || !strcmp(folder, ".");

	if (asprintf(&path, "%s%s%s", as_is ? "" : folder, as_is ? "" : "/", text) < 0)
		return NULL;
	return path;
}

static int set_file(const char *text, const char *folder, char **out, struct sfe_error *err)
{
	struct stat st;

	if (!*text) {
		free(*out);
		*out = NULL;
		return 0;
	}
	char *path = join(folder, text);
	if (!path)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	char *full = realpath(path, NULL);
	const char *why = NULL;
	if (!full || access(full, R_OK) || stat(full, &st))
		why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = "not a regular file";
	else if (!sfe_is_one_line(full, strlen(full)))
		why = "its full path has a control character or is not UTF-8";
	if (why)
		sfe_fail(err, -EINVAL, NULL, "give the path of a file that can be read",
			"cannot read %.300s: %s", path, why);
	free(path);
	if (!why)
		return replace(out, full, err);
	free(full);
	return -EINVAL;
}

static int set_text(const struct sfe_key *key, const char *text, char **out, struct sfe_error *err)
{
	if (strlen(text) > key->max)
		return sfe_fail(err, -EINVAL, NULL, "shorten it",
			"a text of more than %" PRIu64 " bytes", key->max);
	if (*text)
		return replace(out, strdup(text), err);
	free(*out);
	*out = NULL;
	return 0;
}

/* The file is not opened: its text is kept. */
static int set_file_name(const char *text, char **out, struct sfe_error *err)
{
	if (*text)
		return replace(out, strdup(text), err);
	free(*out);
	*out = NULL;
	return 0;
}

/* The path is written into scenario.yaml, which is read again, and into messages. */
static int check_printable(const char *path, struct sfe_error *err)
{
	return sfe_is_one_line(path, strlen(path))
		       ? 0
		       : sfe_fail(err, -EINVAL, NULL, "give another folder, or rename it",
				 "the full path of %.300s has a control character or is not UTF-8",
				 path);
}

static int set_folder(const char *text, char **out, struct sfe_error *err)
{
	char *path = NULL;
	int r;

	if (!*text)
		return sfe_fail(
			err, -EINVAL, NULL, "give the path of a folder", "no folder is given");
	if (*text == '/')
		return (r = replace(out, strdup(text), err)) ? r : check_printable(*out, err);
	char *here = getcwd(NULL, 0);
	if (!here)
		return sfe_fail(err, -EINVAL, NULL, "give an absolute path",
			"the current folder is not known: %s", strerror(errno));
	if (asprintf(&path, "%s/%s", here, text) < 0)
		path = NULL;
	free(here);
	return (r = replace(out, path, err)) ? r : check_printable(*out, err);
}

static int set_number(
	const struct sfe_key *key, const char *text, uint32_t *out, struct sfe_error *err)
{
	const struct sfe_key_word *word = find_word(key->words, text);
	char todo[128], *end;

	if (word) {
		*out = word->value;
		return 0;
	}
	snprintf(todo, sizeof(todo), "write a whole number from %" PRIu64 " to %" PRIu64, key->min,
		key->max);
	if (key->words) {
		strcat(todo, " or ");
		list_words(key->words, todo + strlen(todo), sizeof(todo) - strlen(todo));
	}
	size_t digits = strspn(text, "0123456789");
	if (!digits || text[digits])
		return sfe_fail(err, -EINVAL, NULL, todo, "'%.80s' is not a whole number", text);
	errno = 0;
	uint64_t value = strtoull(text, &end, 10);
	if (errno || value < key->min || value > key->max)
		return sfe_fail(err, -EINVAL, NULL, todo, "%.80s is out of range", text);
	*out = (uint32_t)value;
	return 0;
}

/* A decimal number >= 0. strtod would also accept "nan", "inf" and "0x1p3". */
static int read_real(const char *text, double max, double *out)
{
	char *end;

	if (!*text || strspn(text, "0123456789.eE+-") != strlen(text) || strchr("+-eE", *text))
		return -EINVAL;
	*out = strtod(text, &end);
	return *end || !isfinite(*out) || *out > max ? -EINVAL : 0;
}

static int set_factor(const char *text, double *out, struct sfe_error *err)
{
	double value;

	if (read_real(text, MAX_FACTOR, &value))
		return sfe_fail(err, -EINVAL, NULL, "write a number from 0 to 1e15, such as 1e6",
			"'%.80s' is not a factor", text);
	*out = value;
	return 0;
}

static int set_bool(const char *text, bool *out, struct sfe_error *err)
{
	if (strcmp(text, "true") && strcmp(text, "false"))
		return sfe_fail(err, -EINVAL, NULL, "write true or false",
			"'%.80s' is neither true nor false", text);
	*out = *text == 't';
	return 0;
}

static int set_enum(const struct sfe_key *key, const char *text, void *out, struct sfe_error *err)
{
	const struct sfe_key_word *word = find_word(key->words, text);
	char todo[128] = "write one of ";

	if (!word) {
		list_words(key->words, todo + strlen(todo), sizeof(todo) - strlen(todo));
		return sfe_fail(err, -EINVAL, NULL, todo, "'%.80s' is not known", text);
	}
	_Static_assert(sizeof(enum sfe_placement) == sizeof(uint32_t), "enums are of 32 bits");
	memcpy(out, &word->value, sizeof(word->value));
	return 0;
}

static int check_range(const struct sfe_key *key, const char *text, uint64_t value,
	format_fn *format, struct sfe_error *err)
{
	char min[SFE_UNIT_TEXT], max[SFE_UNIT_TEXT], todo[128];

	if (value >= key->min && value <= key->max)
		return 0;
	snprintf(todo, sizeof(todo), "write a value from %s to %s", format(key->min, min),
		format(key->max, max));
	if (key->words) {
		strcat(todo, " or ");
		list_words(key->words, todo + strlen(todo), sizeof(todo) - strlen(todo));
	}
	return sfe_fail(err, -EINVAL, NULL, todo, "%.80s is out of range", text);
}

static int set_time(
	const struct sfe_key *key, const char *text, uint64_t *out, struct sfe_error *err)
{
	const struct sfe_key_word *word = find_word(key->words, text);
	uint64_t value;
	int ret;

	if (word) {
		*out = word->value;
		return 0;
	}
	if ((ret = sfe_parse_time(text, &value, err)) ||
		(ret = check_range(key, text, value, sfe_format_time, err)))
		return ret;
	*out = value;
	return 0;
}

static int set_size(
	const struct sfe_key *key, const char *text, uint32_t *out, struct sfe_error *err)
{
	uint64_t value;
	int ret;

	if ((ret = sfe_parse_size(text, &value, err)) ||
		(ret = check_range(key, text, value, sfe_format_size, err)))
		return ret;
	*out = (uint32_t)value;
	return 0;
}

static int set_arrivals(const char *text, struct sfe_scenario *s, struct sfe_error *err)
{
	static const char poisson[] = "poisson ";
	double rate = 0;

	if (!strcmp(text, "trace")) {
		s->workload.arrivals = SFE_ARRIVALS_TRACE;
	} else if (!strcmp(text, "sequential")) {
		s->workload.arrivals = SFE_ARRIVALS_SEQUENTIAL;
	} else if (!strncmp(text, poisson, strlen(poisson)) &&
		   !read_real(text + strlen(poisson), MAX_POISSON_RATE, &rate) && rate > 0) {
		s->workload.arrivals = SFE_ARRIVALS_POISSON;
	} else {
		return sfe_fail(err, -EINVAL, NULL,
			"write trace, sequential or poisson with jobs/s, such as 'poisson 2.5'",
			"'%.80s' is not a kind of arrivals", text);
	}
	s->workload.poisson_rate = rate;
	return 0;
}

int sfe_key_set(const struct sfe_key *key, const char *text, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err)
{
	void *at = field(key, s);

	switch (key->type) {
	case SFE_KEY_NAME:
		return set_name(key, text, at, err);
	case SFE_KEY_CHOICE:
		return set_choice(key, text, at, err);
	case SFE_KEY_FILE:
		return s->files.names_only ? set_file_name(text, at, err)
					   : set_file(text, folder, at, err);
	case SFE_KEY_FOLDER:
		return set_folder(text, at, err);
	case SFE_KEY_TEXT:
		return set_text(key, text, at, err);
	case SFE_KEY_NUMBER:
		return set_number(key, text, at, err);
	case SFE_KEY_FACTOR:
		return set_factor(text, at, err);
	case SFE_KEY_BOOL:
		return set_bool(text, at, err);
	case SFE_KEY_ENUM:
	case SFE_KEY_PLACEMENT:
		return set_enum(key, text, at, err);
	case SFE_KEY_TIME:
		return set_time(key, text, at, err);
	case SFE_KEY_SIZE:
		return set_size(key, text, at, err);
	case SFE_KEY_LINK:
		return sfe_key_attribute(key)->set(at, text, folder, &s->files, err);
	case SFE_KEY_ARRIVALS:
		return set_arrivals(text, s, err);
	case SFE_KEY_STRATEGIES:
		break;
	}
	return sfe_fail(err, -EINVAL, NULL, NULL, "not a key of one value");
}

void sfe_key_clear(const struct sfe_key *key, struct sfe_scenario *s)
{
	switch (key->type) {
	case SFE_KEY_NAME:
	case SFE_KEY_CHOICE:
	case SFE_KEY_FILE:
	case SFE_KEY_FOLDER:
	case SFE_KEY_TEXT:
		free(*(char **)field(key, s));
		*(char **)field(key, s) = NULL;
		break;
	case SFE_KEY_PLACEMENT:
		sfe_placement_clear(s);
		break;
	case SFE_KEY_STRATEGIES:
		sfe_scenario_clear_strategies(s);
		break;
	default:
		break;
	}
}
