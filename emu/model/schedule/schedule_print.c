/* SPDX-License-Identifier: MIT */
/* Prints the section `schedule:` so that it reads back. */
#include "emu/model/link/link_rules.h"
#include "emu/model/schedule/chaos_text.h"
#include "emu/model/schedule/schedule.h"
#include "sfemu/units.h"

static void print_when(const struct sfe_schedule_entry *e, FILE *out)
{
	char text[SFE_UNIT_TEXT];

	if (!e->every_ns) {
		fprintf(out, "at: %s", sfe_format_time(e->from_ns, text));
		return;
	}
	fprintf(out, "every: %s", sfe_format_time(e->every_ns, text));
	fprintf(out, ", from: %s", sfe_format_time(e->from_ns, text));
	if (e->until_ns != SFE_NEVER)
		fprintf(out, ", until: %s", sfe_format_time(e->until_ns, text));
	if (e->count)
		fprintf(out, ", count: %u", e->count);
}

static void print_trace(const struct sfe_link_trace *t, FILE *out)
{
	char text[SFE_UNIT_TEXT];

	fputs(", trace: {file: ", out);
	sfe_tree_print_text(t->file, out);
	if (t->format == SFE_TRACE_MAHIMAHI)
		fprintf(out, ", format: mahimahi, window: %s}",
			sfe_format_time(t->window_ns, text));
	else
		fprintf(out, ", format: %s, loop: %s}", sfe_trace_format_names[t->format],
			t->loops ? "true" : "false");
}

static void print_nodes(const struct sfe_schedule_entry *e, FILE *out)
{
	if (e->act == SFE_SCHEDULE_HEAL) {
		fputs("heal: all}", out);
		return;
	}
	for (uint32_t i = 0; i < e->n_nodes; i++) {
		if (i)
			fputs(", ", out);
		else
			fprintf(out, "%s: [", sfe_schedule_act_names[e->act]);
		sfe_tree_print_text(e->node[i], out);
	}
	fputs("]}", out);
}

void sfe_section_schedule_print(const struct sfe_scenario *s, FILE *out)
{
	char text[SFE_UNIT_TEXT];

	for (uint32_t i = 0; i < s->schedule.n; i++) {
		const struct sfe_schedule_entry *e = &s->schedule.entry[i];
		bool settings = e->act == SFE_SCHEDULE_SET || e->act == SFE_SCHEDULE_RAMP;
		fputs(i ? ", {" : "[{", out);
		if (e->act == SFE_SCHEDULE_CHAOS) {
			fputs("chaos: ", out);
			sfe_chaos_print(e->chaos, out);
			fputc('}', out);
			continue;
		}
		print_when(e, out);
		fputs(", ", out);
		if (sfe_schedule_of_nodes(e)) {
			print_nodes(e, out);
			continue;
		}
		sfe_link_selector_print(&e->rule,
			settings || e->act == SFE_SCHEDULE_TRACE ? "link"
								 : sfe_schedule_act_names[e->act],
			out);
		if (e->act == SFE_SCHEDULE_TRACE)
			print_trace(&e->trace, out);
		if (e->act == SFE_SCHEDULE_SET)
			fputs(", set: {", out);
		if (e->act == SFE_SCHEDULE_RAMP)
			fprintf(out, ", ramp: {over: %s, steps: %u, to: {",
				sfe_format_time(e->over_ns, text), e->steps);
		sfe_link_settings_print(&e->rule, out);
		fputs(e->act == SFE_SCHEDULE_RAMP ? "}}}" : settings ? "}}" : "}", out);
	}
	fputc(']', out);
}
