/* SPDX-License-Identifier: MIT */
/* The parser of Ether's three files. Input is untrusted: a topology that it returns can be
 * built. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/topology/topology_builder.h"

#define SFE_MAX_LATENCY_TEXT 256

#define FAIL(b, todo, ...) sfe_builder_fail(b, -EINVAL, todo, __VA_ARGS__)

static int parse_count(
	struct sfe_topology_builder *b, struct sfe_span text, const char *what, uint64_t *out)
{
	if (sfe_span_u64(text, out))
		return FAIL(b, "write a whole number", "%s is not a number that fits: %s", what,
			SFE_SHOW(text));
	return 0;
}

static int parse_index(struct sfe_topology_builder *b, struct sfe_span text)
{
	uint64_t index;

	if (parse_count(b, text, "the index", &index))
		return b->rc;
	if (index > UINT32_MAX)
		return FAIL(b, "use a smaller one", "the index is too large: %s", SFE_SHOW(text));
	return 0;
}

/* In files the model identifies a node; only Ether's model names are accepted. */
static const struct sfe_node_block *find_model(struct sfe_span text)
{
	const struct sfe_node_block *block;

	for (uint32_t i = 0; (block = sfe_node_block(i)); i++)
		if (sfe_span_is(text, block->model))
			return block;
	return NULL;
}

static int fail_model(struct sfe_topology_builder *b, struct sfe_span text)
{
	const struct sfe_node_block *block;
	char todo[256] = "use one of";
	size_t used = strlen(todo);

	for (uint32_t i = 0; (block = sfe_node_block(i)) && used < sizeof(todo); i++)
		used += (size_t)snprintf(
			todo + used, sizeof(todo) - used, "%s %s", i ? "," : "", block->model);
	return FAIL(b, todo, "unknown model %s of a node", SFE_SHOW(text));
}

static int parse_node(struct sfe_topology_builder *b, struct sfe_span text)
{
	struct sfe_node_row row;
	struct sfe_span f[7];
	size_t n = sfe_span_split(text, ';', f, 7);

	if (n != 7)
		return FAIL(b, "write index;name;memory_bytes;cpu_millis;arch;type;model",
			"a node has 7 fields, this row has %zu", n);
	row = (struct sfe_node_row){.name = f[1], .arch = f[4], .type = f[5]};
	if (parse_index(b, f[0]) || parse_count(b, f[2], "the memory", &row.memory_bytes) ||
		parse_count(b, f[3], "the speed", &row.cpu_millis))
		return b->rc;
	row.block = find_model(f[6]);
	return row.block ? sfe_builder_add_node(b, &row) : fail_model(b, f[6]);
}

static int parse_kind(
	struct sfe_topology_builder *b, struct sfe_span text, enum sfe_link_kind *kind)
{
	for (int k = 0; k < SFE_LINK_KINDS; k++)
		if (sfe_span_is(text, sfe_link_kind_name((enum sfe_link_kind)k))) {
			*kind = (enum sfe_link_kind)k;
			return 0;
		}
	return FAIL(b, "use one of node, shared, uplink, downlink", "unknown type %s of a link",
		SFE_SHOW(text));
}

/* The optional last column: surrounding blanks are ignored, an empty field is none. */
static int parse_latency(
	struct sfe_topology_builder *b, struct sfe_span text, struct sfe_delay *latency)
{
	struct sfe_error cause = {0};
	char copy[SFE_MAX_LATENCY_TEXT];

	while (text.len && text.at[0] == ' ')
		text = (struct sfe_span){text.at + 1, text.len - 1};
	while (text.len && text.at[text.len - 1] == ' ')
		text.len--;
	*latency = (struct sfe_delay){0};
	if (text.len >= sizeof(copy) || memchr(text.at, 0, text.len))
		return FAIL(b, "write ms, such as 2.5, or a law, such as uniform 1ms 2ms",
			"the latency does not parse: %s", SFE_SHOW(text));
	snprintf(copy, sizeof(copy), "%.*s", (int)text.len, text.at);
	if (!text.len || !sfe_latency_parse(copy, latency, &cause))
		return 0;
	return sfe_builder_fail(b, cause.code, cause.todo, "the latency: %s", cause.what);
}

static int parse_link(struct sfe_topology_builder *b, struct sfe_span row)
{
	enum sfe_link_kind kind = SFE_LINK_NODE;
	struct sfe_delay latency = {0};
	struct sfe_span f[5];
	double mbps;
	float single;
	size_t n = sfe_span_split(row, ';', f, 5);

	if (n != 4 && n != 5)
		return FAIL(b, "write index;capacity_Mbps;name;type, or that and ;latency",
			"a link has 4 fields or 5, this row has %zu", n);
	if (n == 5 && parse_latency(b, f[4], &latency))
		return b->rc;
	if (parse_index(b, f[0]) || parse_kind(b, f[3], &kind))
		return b->rc;
	if (sfe_span_double(f[1], &mbps) || sfe_span_float(f[1], &single))
		return FAIL(b, "write Mb/s as a decimal number",
			"the capacity is not a finite number: %s", SFE_SHOW(f[1]));
	return sfe_builder_add_link(b, f[2], kind, mbps, single, &latency);
}

static int parse_edges(struct sfe_topology_builder *b, struct sfe_span row)
{
	const char *column = memchr(row.at, ';', row.len),
		   *end = column ? column : row.at + row.len;
	struct sfe_delay latency = {0};
	sfe_ref source = SFE_NONE, target;
	unsigned targets = 0;

	if (column &&
		parse_latency(b,
			(struct sfe_span){column + 1, row.len - (size_t)(column + 1 - row.at)},
			&latency))
		return b->rc;

	/* A row may have any number of targets, so it is not split into an array. */
	for (const char *at = row.at; at < end;) {
		const char *stop = memchr(at, ' ', (size_t)(end - at));
		struct sfe_span name = {at, (size_t)((stop ? stop : end) - at)};
		at = stop ? stop + 1 : end;
		if (!name.len)
			continue;
		if (source == SFE_NONE) {
			if (sfe_builder_ref(b, name, &source))
				return b->rc;
			continue;
		}
		if (sfe_builder_ref(b, name, &target) ||
			sfe_builder_add_edge(
				b, source, target, latency.law == SFE_DELAY_NONE ? NULL : &latency))
			return b->rc;
		targets++;
	}
	if (!targets)
		return FAIL(b, "write source target target ...", "a row of edges without a target");
	return 0;
}

static int parse_file(struct sfe_topology_builder *b, enum sfe_vertex_kind kind, const char *text,
	size_t len, const char *name,
	int (*row)(struct sfe_topology_builder *b, struct sfe_span row))
{
	struct sfe_lines lines = sfe_lines_begin(text, len);
	struct sfe_span line;

	b->file = b->files[kind] = name;
	while (sfe_lines_next(&lines, &line)) {
		b->line = lines.line;
		if (line.len && line.at[0] != '#' && row(b, line))
			return b->rc;
	}
	b->line = 0;
	return 0;
}

int sfe_topology_parse(const char *nodes, size_t nodes_len, const char *nodes_name,
	const char *links, size_t links_len, const char *links_name, const char *edges,
	size_t edges_len, const char *edges_name, struct sfe_topology **out, struct sfe_error *err)
{
	struct sfe_topology_builder *b = sfe_build_new();

	if (!b)
		return sfe_fail(err, -ENOMEM, nodes_name, NULL, "out of memory");
	if (!parse_file(b, SFE_VERTEX_NODE, nodes, nodes_len, nodes_name, parse_node) &&
		!parse_file(b, SFE_VERTEX_LINK, links, links_len, links_name, parse_link))
		parse_file(b, SFE_VERTEX_JUNCTION, edges, edges_len, edges_name, parse_edges);
	return sfe_build_finish(b, out, err);
}

int sfe_topology_read(const char *nodes, const char *links, const char *edges,
	struct sfe_topology **out, struct sfe_error *err)
{
	const char *file[3] = {nodes, links, edges};
	char *text[3] = {0};
	size_t len[3];
	int rc = 0;

	for (int i = 0; i < 3 && !rc; i++)
		rc = sfe_text_load(file[i], &text[i], &len[i], err);
	if (!rc)
		rc = sfe_topology_parse(text[0], len[0], nodes, text[1], len[1], links, text[2],
			len[2], edges, out, err);
	for (int i = 0; i < 3; i++)
		free(text[i]);
	return rc;
}
