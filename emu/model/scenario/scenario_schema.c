/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_schema.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SEGMENT 32u /* bytes of one part of a key's path */

/* libcyaml's schema, generated from the table of keys: a tree of mappings over one flat struct. */
struct schema {
	cyaml_schema_field_t field[4 * SFE_MAX_KEYS]; /* keys, groups and the end of each group */
	char name[2 * SFE_MAX_KEYS][MAX_SEGMENT];
	unsigned n_fields, n_names;
	cyaml_schema_value_t text, top;
};

static bool same_segment(const char *a, const char *b)
{
	size_t len = strcspn(a, ".");

	return strcspn(b, ".") == len && !strncmp(a, b, len);
}

/* The index after the last key of [at, end) whose next part, after `skip` bytes, equals that of
 * `at`. */
static unsigned segment_end(unsigned at, unsigned end, size_t skip)
{
	unsigned i = at + 1;

	while (i < end && same_segment(sfe_keys[at].path + skip, sfe_keys[i].path + skip))
		i++;
	return i;
}

static void fill_leaf(struct schema *schema, cyaml_schema_field_t *f, unsigned key)
{
	if (sfe_keys[key].type == SFE_KEY_PLACEMENT) { /* read from the tree */
		f->value =
			(cyaml_schema_value_t){.type = CYAML_IGNORE, .flags = CYAML_FLAG_OPTIONAL};
		return;
	}
	if (sfe_keys[key].type != SFE_KEY_STRATEGIES) {
		f->data_offset = (uint32_t)(offsetof(struct sfe_scenario_texts, text) +
					    key * sizeof(char *));
		f->value = schema->text;
		return;
	}
	f->data_offset = offsetof(struct sfe_scenario_texts, strategy);
	f->count_offset = offsetof(struct sfe_scenario_texts, n_strategies);
	f->count_size = sizeof(uint32_t);
	f->value = (cyaml_schema_value_t){
		.type = CYAML_SEQUENCE,
		.flags = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		.data_size = sizeof(char *),
		.sequence = {.entry = &schema->text, .min = 0, .max = CYAML_UNLIMITED},
	};
}

static const cyaml_schema_field_t *make_level(
	struct schema *schema, unsigned begin, unsigned end, size_t skip)
{
	cyaml_schema_field_t *level = schema->field + schema->n_fields, *f = level;

	for (unsigned i = begin; i < end; i = segment_end(i, end, skip))
		schema->n_fields++;
	schema->n_fields++; /* the end marker, all zero */

	for (unsigned i = begin, j; i < end; i = j, f++) {
		const char *part = sfe_keys[i].path + skip;
		size_t len = strcspn(part, ".");
		char *name = schema->name[schema->n_names++];

		j = segment_end(i, end, skip);
		snprintf(name, MAX_SEGMENT, "%.*s", (int)len, part);
		f->key = name;
		if (!part[len]) {
			fill_leaf(schema, f, i);
			continue;
		}
		f->value = (cyaml_schema_value_t){
			.type = CYAML_MAPPING,
			.flags = CYAML_FLAG_OPTIONAL,
			.data_size = sizeof(struct sfe_scenario_texts),
			.mapping = {.fields = make_level(schema, i, j, skip + len + 1)},
		};
	}
	return level;
}

static struct schema *make_schema(void)
{
	struct schema *schema = calloc(1, sizeof(*schema));

	if (!schema)
		return NULL;
	schema->text = (cyaml_schema_value_t){
		.type = CYAML_STRING,
		.flags = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		.data_size = sizeof(char),
		.string = {.min = 0, .max = CYAML_UNLIMITED},
	};
	schema->top = (cyaml_schema_value_t){
		.type = CYAML_MAPPING,
		.flags = CYAML_FLAG_POINTER,
		.data_size = sizeof(struct sfe_scenario_texts),
		.mapping = {.fields = make_level(schema, 0, sfe_n_keys, 0)},
	};
	return schema;
}

/* libcyaml's log of an error: the first message is the cause, the backtrace after it the place. */
struct complaint {
	char what[256];
	unsigned line;
};

__attribute__((format(printf, 3, 0))) static void note(
	cyaml_log_t level, void *ctx, const char *fmt, va_list args)
{
	struct complaint *c = ctx;
	char text[sizeof(c->what)];

	if (level < CYAML_LOG_ERROR)
		return;
	vsnprintf(text, sizeof(text), fmt, args);
	text[strcspn(text, "\n")] = '\0';
	if (!c->what[0])
		memcpy(c->what, text, sizeof(text));
	const char *line = strstr(text, "line: ");
	if (!c->line && line)
		c->line = (unsigned)strtoul(line + strlen("line: "), NULL, 10);
}

int sfe_scenario_texts_load(const char *yaml, size_t len, const char *file,
	struct sfe_scenario_texts **out, struct sfe_error *err)
{
	struct complaint complaint = {0};
	const cyaml_config_t config = {
		.log_fn = note,
		.log_ctx = &complaint,
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
		/* Sections are unknown to libcyaml and read from the tree; other unknown keys
		 * were refused there. */
		.flags = CYAML_CFG_NO_ALIAS | CYAML_CFG_IGNORE_UNKNOWN_KEYS,
	};
	struct schema *schema = make_schema();
	cyaml_data_t *data = NULL;

	*out = NULL;
	if (!schema)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	cyaml_err_t ret =
		cyaml_load_data((const uint8_t *)yaml, len, &config, &schema->top, &data, NULL);
	free(schema);
	if (ret == CYAML_ERR_OOM)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	if (ret != CYAML_OK)
		return sfe_fail_at(err, -EINVAL, file, complaint.line,
			"see docs/scenario.md for the keys", "%s",
			complaint.what[0] ? complaint.what : cyaml_strerror(ret));
	*out = data;
	return 0;
}

void sfe_scenario_texts_free(struct sfe_scenario_texts *texts)
{
	if (!texts)
		return;
	/* Allocated by cyaml_mem, which is realloc and free. */
	for (unsigned i = 0; i < sfe_n_keys; i++)
		free(texts->text[i]);
	for (uint32_t i = 0; i < texts->n_strategies; i++)
		free(texts->strategy[i]);
	free(texts->strategy);
	free(texts);
}
