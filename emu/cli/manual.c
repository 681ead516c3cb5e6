/* SPDX-License-Identifier: MIT */
#include "emu/cli/manual.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emu/cli/completion.h"
#include "emu/cli/verbs.h"

/* Escapes text for roff: no character of it acts as a request, an escape or a soft hyphen. */
static void roff(const char *text, FILE *out)
{
	bool begins = true;

	for (; *text; text++) {
		if (begins && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		begins = *text == '\n';
		if (!strncmp(text, "…", strlen("…"))) {
			fputs("...", out);
			text += strlen("…") - 1;
		} else if (*text == '\\') {
			fputs("\\e", out);
		} else if (*text == '-') {
			fputs("\\-", out);
		} else if (*text == '\'') {
			fputs("\\(aq", out);
		} else if (*text == '`') {
			fputs("\\(ga", out);
		} else {
			fputc(*text, out);
		}
	}
}

/* Paragraphs have an empty line between them. */
static void paragraphs(const char *text, FILE *out)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t n = end ? (size_t)(end - text) : strlen(text);
		char *one = strndup(text, n);
		fputs(".PP\n", out);
		roff(one ? one : "", out);
		fputc('\n', out);
		free(one);
		text += n + (end ? 2 : 0);
	}
}

static void begin(const char *name, const char *summary, FILE *out)
{
	fprintf(out, ".\\\" Made by `sfemu manual` from the tables of emu/cli.\n.TH ");
	for (const char *c = name; *c; c++)
		fputc(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c, out);
	fprintf(out, " 1 \"\" \"sfemu %s\" \"sfemu manual\"\n.SH NAME\n", SFE_VERSION);
	roff(name, out);
	fputs(" \\- ", out);
	roff(summary, out);
	fputs("\n.SH SYNOPSIS\n", out);
}

static void option(const struct sfe_option *o, FILE *out)
{
	char label[96];

	if (!o->name && !o->letter) {
		fputs(".SS ", out);
		roff(o->text, out);
		fputc('\n', out);
		return;
	}
	sfe_option_label(o, label, sizeof(label));
	fputs(".TP\n.B ", out);
	roff(label, out);
	fputc('\n', out);
	roff(o->text, out);
	fputc('\n', out);
}

static void term(const char *name, const char *text, FILE *out)
{
	fputs(".TP\n.B ", out);
	roff(name, out);
	fputc('\n', out);
	roff(text, out);
	fputc('\n', out);
}

static const struct {
	const char *name, *text, *verbs; /* those that read it, with a blank on both sides */
} variables[] = {
	{"SFEMU_CACHE", "where guest kernels are kept", " run verify sweep guest check "},
	{"SFEMU_GUEST_KERNEL",
		"the guest kernel to use, instead of the one that sfemu has built or Debian's",
		" run verify sweep guest check "},
	{"SFEMU_TOOLS", "where the scripts of sfemu are", " run verify sweep guest check "},
	{"XDG_RUNTIME_DIR",
		"where the socket of a user's run is, in the folder sfemu (of root: /run/sfemu; "
		"without this variable: /tmp/sfemu-UID)",
		" run verify exec down link links "},
};

/* Those of a verb; of all for NULL. */
static void environment(const struct sfe_verb *of, FILE *out)
{
	char word[32];
	bool any = false, paths = false;

	snprintf(word, sizeof(word), " %s ", of ? of->name : "");
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		if (of && !strstr(variables[i].verbs, word))
			continue;
		if (!any)
			fputs(".SH ENVIRONMENT\n", out);
		term(variables[i].name, variables[i].text, out);
		any = true;
		paths |= !strncmp(variables[i].name, "SFEMU_", 6);
	}
	if (paths)
		paragraphs("If root runs sfemu, a path in a variable that begins with SFEMU_ is "
			   "used only if root owns all of it and nobody else may write it.",
			out);
}

static void see_also(const struct sfe_verb *of, FILE *out)
{
	const char *comma = "";

	fputs(".SH SEE ALSO\n", out);
	if (of) {
		fputs(".BR sfemu (1)", out);
		comma = ",\n";
	}
	for (unsigned i = 0; sfe_verbs[i]; i++) {
		if (sfe_verbs[i] == of)
			continue;
		fprintf(out, "%s.BR sfemu\\-%s (1)", comma, sfe_verbs[i]->name);
		comma = ",\n";
	}
	fputc('\n', out);
}

static void verb_page(const struct sfe_verb *v, FILE *out)
{
	char name[64];

	snprintf(name, sizeof(name), "sfemu-%s", v->name);
	begin(name, v->summary, out);
	for (unsigned i = 0; v->usage[i]; i++) {
		fprintf(out, "%s.B sfemu %s\n", i ? ".br\n" : "", v->name);
		roff(v->usage[i], out);
		fputs(v->usage[i][0] ? "\n" : "", out);
	}
	fputs(".SH DESCRIPTION\n", out);
	paragraphs(v->about, out);
	fputs(".SH OPTIONS\n", out);
	for (const struct sfe_option *o = v->options; o && (o->name || o->letter || o->text); o++)
		option(o, out);
	option(&(struct sfe_option){.name = "help", .letter = 'h', .text = "print a help text"},
		out);
	if (v->notes) {
		fputs(".SH NOTES\n", out);
		paragraphs(v->notes, out);
	}
	fputs(".SH EXIT STATUS\n", out);
	for (const struct sfe_exit_status *s = v->status; s->meaning; s++) {
		fprintf(out, ".TP\n.B %d\n", s->status);
		roff(s->meaning, out);
		fputc('\n', out);
	}
	environment(v, out);
	if (v->files) {
		fputs(".SH FILES\n", out);
		paragraphs(v->files, out);
	}
	if (v->examples) {
		fputs(".SH EXAMPLES\n.nf\n", out);
		for (unsigned i = 0; v->examples[i]; i++) {
			roff(v->examples[i], out);
			fputc('\n', out);
		}
		fputs(".fi\n", out);
	}
	see_also(v, out);
}

static void main_page(FILE *out)
{
	begin("sfemu", "an emulator for stateful serverless functions at the network edge", out);
	fputs(".B sfemu\n.I VERB\n[\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n", out);
	paragraphs("sfemu builds an edge network out of Linux network namespaces and shaped links, "
		   "starts function workers in it, replays a workload of functions, and measures "
		   "what each strategy for the state of the application costs in response time "
		   "and traffic.\n\nEach verb has a page of its own, sfemu-VERB(1).",
		out);
	fputs(".SH VERBS\n", out);
	for (unsigned i = 0; sfe_verbs[i]; i++)
		term(sfe_verbs[i]->name, sfe_verbs[i]->summary, out);
	fputs(".SH OPTIONS\n", out);
	term("-h, --help", "list the verbs", out);
	term("--version", "print the version", out);
	environment(NULL, out);
	see_also(NULL, out);
}

static FILE *create(const char *folder, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return fopen(path, "w");
}

static int write_file(const char *folder, const char *name, const struct sfe_verb *verb,
	void (*write)(const struct sfe_verb *, FILE *), struct sfe_error *err)
{
	char path[PATH_MAX];
	FILE *out = create(folder, name, path);

	if (!out)
		return sfe_fail(err, -errno, path, NULL, "cannot write it: %s", strerror(errno));
	write(verb, out);
	bool bad = ferror(out);
	if (fclose(out) || bad)
		return sfe_fail(err, -EIO, path, "is the disk full?", "cannot write it");
	return 0;
}

static void write_main(const struct sfe_verb *verb, FILE *out)
{
	(void)verb;
	main_page(out);
}

static void write_bash(const struct sfe_verb *verb, FILE *out)
{
	(void)verb;
	sfe_completion_bash(sfe_verbs, out);
}

static void write_zsh(const struct sfe_verb *verb, FILE *out)
{
	(void)verb;
	sfe_completion_zsh(sfe_verbs, out);
}

static int make_folder(const char *folder, const char *name, struct sfe_error *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return mkdir(path, 0755) && errno != EEXIST
		       ? sfe_fail(err, -errno, path, NULL, "cannot make it: %s", strerror(errno))
		       : 0;
}

int sfe_manual_write(const char *folder, struct sfe_error *err)
{
	char name[80];
	int r = make_folder(folder, "man1", err);

	r = r ? r : make_folder(folder, "completion", err);
	r = r ? r : write_file(folder, "man1/sfemu.1", NULL, write_main, err);
	for (unsigned i = 0; sfe_verbs[i] && !r; i++) {
		snprintf(name, sizeof(name), "man1/sfemu-%s.1", sfe_verbs[i]->name);
		r = write_file(folder, name, sfe_verbs[i], verb_page, err);
	}
	r = r ? r : write_file(folder, "completion/sfemu.bash", NULL, write_bash, err);
	return r ? r : write_file(folder, "completion/_sfemu", NULL, write_zsh, err);
}
