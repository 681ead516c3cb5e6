/* SPDX-License-Identifier: MIT */
#include "emu/run/live_changes.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "emu/experiment/channel.h"
#include "emu/experiment/link_specs.h"
#include "emu/experiment/schedule_check.h"
#include "emu/model/schedule/manual_change.h"
#include "emu/results/link_json.h"
#include "emu/run/control/request_relay.h"

int sfe_live_open(struct sfe_live *l, const struct sfe_experiment *e, int fd, int channel,
	struct sfe_error *err)
{
	size_t n = SFE_DIRECTIONS * (size_t)e->topology->n_links;

	*l = (struct sfe_live){.e = e, .fd = fd, .channel = channel};
	l->present = sfe_links_directions(e->plan);
	l->start = calloc(n + 1, sizeof(*l->start));
	l->in = malloc(SFE_RELAY_REQUEST_BYTES);
	if (!l->present || !l->start || !l->in)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	memcpy(l->start, e->link, n * sizeof(*l->start));
	struct sfe_schedule_links links = sfe_schedule_links_of(e, l->present);
	return sfe_player_new(&l->none, &links, &l->standing, err);
}

void sfe_live_close(struct sfe_live *l)
{
	if (l->fd >= 0)
		close(l->fd);
	sfe_player_free(l->standing);
	free(l->present);
	free(l->start);
	free(l->in);
	*l = (struct sfe_live){.fd = -1};
}

void sfe_live_begin(struct sfe_live *l, struct sfe_net *net)
{
	l->net = net;
	if (l->fd >= 0)
		sfe_channel_send(l->channel, "serves", "%s", "");
}

/* Describes the manual changes of a direction: "manual, earlier: down, rate 1Mbit". False: none. */
static bool describe_earlier(const struct sfe_live *l, uint32_t i, char what[SFE_EVENT_TEXT])
{
	const struct sfe_link_spec *now = &sfe_player_specs(l->standing)[i], *then = &l->e->link[i];
	const char *comma = "";

	memset(what, 0, SFE_EVENT_TEXT);
	if (!sfe_player_down(l->standing)[i] && !memcmp(now, then, sizeof(*now)))
		return false;
	FILE *f = fmemopen(what, SFE_EVENT_TEXT - 1, "w");
	if (!f)
		return false;
	fputs("manual, earlier: ", f);
	if (sfe_player_down(l->standing)[i]) {
		fputs("down", f);
		comma = ", ";
	}
	for (const struct sfe_link_attribute *a = sfe_link_attributes; a->name; a++) {
		char *x = sfe_link_attribute_text(a, now), *y = sfe_link_attribute_text(a, then);
		if (x && y && strcmp(x, y)) {
			fprintf(f, "%s%s %s", comma, a->name, x);
			comma = ", ";
		}
		free(x);
		free(y);
	}
	fclose(f); /* longer texts are cut */
	return *comma;
}

int sfe_live_replay(struct sfe_live *l, struct sfe_changes *replay, struct sfe_error *err)
{
	struct sfe_schedule_change change = {0};
	int r = 0;

	l->replay = replay;
	for (uint32_t i = 0; replay && i < SFE_DIRECTIONS * l->e->topology->n_links && !r; i++) {
		change.link = i / SFE_DIRECTIONS;
		change.direction = (enum sfe_link_direction)(i % SFE_DIRECTIONS);
		if (describe_earlier(l, i, change.what))
			r = sfe_changes_note(replay, &change, err);
	}
	return r;
}

static json_object *refusal(const struct sfe_error *err)
{
	json_object *o = json_object_new_object();
	char text[1100];

	json_object_object_add(
		o, "error", json_object_new_string(sfe_error_text(err, text, sizeof(text))));
	json_object_object_add(o, "code", json_object_new_int(err->code));
	return o;
}

static int check_in_kernel(const struct sfe_schedule_change *change, void *arg)
{
	struct sfe_live *l = arg;
	int r = sfe_links_check_kernel(change->spec, 1, false, l->err);

	return r ? r
		 : sfe_net_can_change(
			   l->net, change->link, change->direction, change->spec, l->err);
}

static int keep_start(const struct sfe_schedule_change *change, void *arg)
{
	struct sfe_live *l = arg;

	l->start[SFE_DIRECTIONS * change->link + change->direction] = *change->spec;
	return 0;
}

/* Reports a change made in the kernel: in the answer, and to the user who started the run. */
static void report_change(struct sfe_live *l, const struct sfe_schedule_change *change)
{
	const struct sfe_link *link = &l->e->topology->links[change->link];
	const char *name = link->name;
	bool half = link->kind == SFE_LINK_SHARED && !change->spec->full_duplex;
	const char *direction = half ? "both" : change->direction == SFE_UP ? "up" : "down";
	json_object *o = json_object_new_object();

	json_object_object_add(o, "link", json_object_new_string(name));
	json_object_object_add(o, "direction", json_object_new_string(direction));
	json_object_object_add(o, "what", json_object_new_string(change->what));
	json_object_array_add(l->changed, o);
	sfe_channel_send(l->channel, "manual", "%s %s: %s", name, direction, change->what);
}

static int set(const struct sfe_schedule_change *change, void *arg)
{
	struct sfe_live *l = arg;
	int r = l->replay ? sfe_changes_manual(l->replay, change, l->err)
			  : sfe_net_change(
				    l->net, change->link, change->direction, change->spec, l->err);

	if (!r)
		report_change(l, change);
	return r;
}

/* A manual change may make later changes of the schedule impossible, in this replay or the next. */
static int check_schedule(struct sfe_live *l, const struct sfe_schedule_entry *entry)
{
	const struct sfe_schedule *schedule = &l->e->scenario->schedule;
	struct sfe_schedule_links links = sfe_schedule_links_of(l->e, l->present);
	struct sfe_player *next;
	int r;

	if (!schedule->n)
		return 0;
	links.spec = sfe_player_specs(l->standing);
	links.down = sfe_player_down(l->standing);
	r = sfe_player_new(schedule, &links, &next, l->err);
	if (r)
		return r;
	r = sfe_player_try(next, entry, l->err);
	sfe_player_free(next);
	return r || !l->replay ? r : sfe_player_try(l->replay->player, entry, l->err);
}

/* Applies a change to the present links and to the start of the next replays; to both or
 * neither. */
static int carry_out(struct sfe_live *l, const struct sfe_schedule_entry *entry)
{
	uint64_t now = l->replay ? sfe_changes_now(l->replay) : 0;
	int r = sfe_player_apply(l->standing, entry, 0, check_in_kernel, NULL, l, l->err);

	r = r ? r : check_schedule(l, entry);
	if (!r && l->replay)
		r = sfe_player_apply(
			l->replay->player, entry, now, check_in_kernel, set, l, l->err);
	if (!r)
		r = sfe_player_apply(
			l->standing, entry, 0, NULL, l->replay ? keep_start : set, l, l->err);
	if (!r && !l->replay)
		r = sfe_player_apply(l->standing, entry, 0, NULL, keep_start, l, l->err);
	return r;
}

static const char *text_of(json_object *o, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(o, key, &value) &&
			       json_object_is_type(value, json_type_string)
		       ? json_object_get_string(value)
		       : NULL;
}

static int read_change(struct sfe_live *l, json_object *request, struct sfe_link_files *files,
	struct sfe_schedule_entry *entry)
{
	const char *setting[SFE_MANUAL_CHANGE_SETTINGS + 1];
	struct sfe_manual_change h = {
		.link = text_of(request, "link"),
		.kind = text_of(request, "kind"),
		.direction = text_of(request, "direction"),
		.act = text_of(request, "act"),
		.folder = text_of(request, "folder"),
		.setting = setting,
	};
	json_object *all;

	if (!h.act || !h.folder)
		return sfe_fail(l->err, -EINVAL, NULL, NULL, "not a request for a change");
	if (json_object_object_get_ex(request, "set", &all) &&
		json_object_is_type(all, json_type_array))
		while (h.n <= SFE_MANUAL_CHANGE_SETTINGS && h.n < json_object_array_length(all)) {
			json_object *one = json_object_array_get_idx(all, h.n);
			setting[h.n++] = json_object_get_string(one);
			if (!setting[h.n - 1])
				return sfe_fail(
					l->err, -EINVAL, NULL, NULL, "a setting is no text");
		}
	return sfe_manual_change_read(&h, files, entry, l->err);
}

/* Answers a change that the kernel refused half way; changes reported before stay reported. */
static int answer_reverted(struct sfe_live *l, int r)
{
	struct sfe_error cause = *l->err;

	return sfe_fail(l->err, r, cause.where,
		r == -ENOTRECOVERABLE ? "the run ends: its links are in neither the old nor the "
					"requested state"
				      : "all changes were reverted",
		"%s", cause.what);
}

static void use_files(struct sfe_live *l, const struct sfe_link_files *files)
{
	l->e->scenario->files = *files;
	sfe_player_files(l->standing, files);
	if (l->replay)
		sfe_player_files(l->replay->player, files);
}

/* Reads files anew, also those that were read before; `before` holds the files of all earlier
 * changes. */
static int carry_out_with(
	struct sfe_live *l, const struct sfe_schedule_entry *entry, struct sfe_link_files *own)
{
	const struct sfe_link_files before = l->e->scenario->files;
	int r;

	sfe_link_files_join(own, &before);
	use_files(l, own);
	r = carry_out(l, entry);
	if (!r || r == -ENOTRECOVERABLE)
		return r;
	use_files(l, &before);
	sfe_link_files_separate(own, &before);
	sfe_link_files_free(own);
	return r;
}

static int change_links(struct sfe_live *l, json_object *request, json_object *answer)
{
	struct sfe_link_files files = {0};
	struct sfe_schedule_entry entry;
	int r = read_change(l, request, &files, &entry);

	if (r) {
		sfe_link_files_free(&files);
		return r;
	}
	l->changed = json_object_new_array();
	r = carry_out_with(l, &entry, &files);
	sfe_manual_change_free(&entry);
	if (r == -ENOTRECOVERABLE || (r && json_object_array_length(l->changed)))
		r = answer_reverted(l, r);
	json_object_object_add(answer, "changed", l->changed);
	l->changed = NULL;
	return r;
}

static int list_links(struct sfe_live *l, json_object *answer)
{
	const struct sfe_player *now = l->replay ? l->replay->player : l->standing;
	json_object *all = json_object_new_array();
	struct sfe_link_count *rows = NULL;
	uint32_t n = 0;
	int r = sfe_net_count(l->net, &rows, &n, l->err);

	for (uint32_t k = 0; k < n && !r; k++) {
		uint32_t i = SFE_DIRECTIONS * rows[k].link + rows[k].direction;
		json_object *o =
			sfe_link_json(l->e->plan, &rows[k], &sfe_player_specs(now)[i], true);
		json_object_object_add(
			o, "backlog_bytes", json_object_new_uint64(rows[k].backlog_bytes));
		json_object_object_add(
			o, "backlog_packets", json_object_new_uint64(rows[k].backlog_packets));
		json_object_object_add(o, "down", json_object_new_boolean(sfe_player_down(now)[i]));
		json_object_array_add(all, o);
	}
	free(rows);
	json_object_object_add(answer, "links", all);
	return r;
}

/* The answer is a line of its own, whatever a command has written before, and begins with the
 * request's word (request_relay.h). One write: commands write their lines to the same terminal. */
static void write_answer(int fd, const char *text, json_object *answer)
{
	const char *out = json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN);
	char *line, refused[128];
	int len = asprintf(&line, "\n%.*s%s\n", SFE_RELAY_WORD_BYTES + 1, text, out);

	if (len < 0) {
		line = NULL;
		len = snprintf(refused, sizeof(refused),
			"\n%.*s{\"error\":\"out of memory\",\"code\":%d}\n",
			SFE_RELAY_WORD_BYTES + 1, text, -ENOMEM);
	}
	/* Fails if the orchestrator is gone, and this process is soon. */
	sfe_write_all(fd, line ? line : refused, (size_t)len);
	free(line);
}

/* The session writes the answer, before all else. */
static int start_exec(struct sfe_live *l, const char *text, json_object *request)
{
	char word[SFE_RELAY_WORD_BYTES + 1];

	snprintf(word, sizeof(word), "%.*s", SFE_RELAY_WORD_BYTES, text);
	return sfe_exec_start(&l->exec, l->net, l->fd, word, request, l->err);
}

static int answer_one(struct sfe_live *l, const char *text, struct sfe_error *err)
{
	const size_t word = SFE_RELAY_WORD_BYTES + 1;

	if (strcspn(text, " ") + 1 != word)
		return 0; /* not of the relay */
	json_object *request = json_tokener_parse(text + word), *answer = json_object_new_object();
	const char *what = request ? text_of(request, "ask") : NULL;
	struct sfe_error cause = {0};
	bool exec = what && !strcmp(what, "exec");
	int r;

	if (what && (!strcmp(what, "interrupt") || !strcmp(what, "kill"))) {
		char id[SFE_RELAY_WORD_BYTES + 1];
		snprintf(id, sizeof(id), "%.*s", SFE_RELAY_WORD_BYTES, text);
		sfe_exec_signal(&l->exec, id, *what == 'k');
		json_object_put(request);
		json_object_put(answer);
		return 0; /* the answer is the end of the command */
	}
	l->err = &cause;
	if (exec)
		r = start_exec(l, text, request);
	else if (what && !strcmp(what, "links"))
		r = list_links(l, answer);
	else if (what && !strcmp(what, "link"))
		r = change_links(l, request, answer);
	else
		r = sfe_fail(&cause, -EPROTO, NULL, "use the same version of sfemu",
			"the lab does not know this request");
	l->err = NULL;
	json_object_put(request);
	if (r) {
		json_object_put(answer);
		answer = refusal(&cause);
	}
	if (r || !exec)
		write_answer(l->fd, text, answer);
	json_object_put(answer);
	if (r == -ENOTRECOVERABLE && err)
		*err = cause;
	return r == -ENOTRECOVERABLE ? r : 0;
}

int sfe_live_serve(struct sfe_live *l, struct sfe_error *err)
{
	ssize_t n = read(l->fd, l->in + l->len, SFE_RELAY_REQUEST_BYTES - 1 - l->len);
	char *start = l->in, *newline;
	int r = 0;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0) { /* the orchestrator is gone, and this process soon */
		close(l->fd);
		l->fd = -1;
		return 0;
	}
	l->len += (size_t)n;
	l->in[l->len] = 0;
	while (!r && (newline = strchr(start, '\n'))) {
		*newline = 0;
		r = answer_one(l, start, err);
		start = newline + 1;
	}
	l->len -= (size_t)(start - l->in);
	memmove(l->in, start, l->len);
	if (l->len == SFE_RELAY_REQUEST_BYTES - 1)
		l->len = 0; /* a request is never this long */
	return r;
}

int sfe_live_wait(struct sfe_live *l, pid_t pid, struct sfe_error *err)
{
	struct pollfd p[] = {{.fd = pidfd_open(pid, 0), .events = POLLIN}, {.events = POLLIN}};
	int r = 0;

	if (p[0].fd < 0)
		return 0; /* the caller waits for the process */
	do {
		p[1].fd = l->fd;
		if (poll(p, 2, -1) > 0 && p[1].revents)
			r = sfe_live_serve(l, err);
	} while (!r && !p[0].revents);
	close(p[0].fd);
	return r;
}

int sfe_live_hold(struct sfe_live *l, struct sfe_error *err)
{
	int r = 0;

	while (!r) {
		struct pollfd p = {.fd = l->fd, .events = POLLIN};
		if (poll(&p, 1, -1) > 0 && p.revents)
			r = sfe_live_serve(l, err);
	}
	return r;
}
