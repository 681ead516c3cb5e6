/* SPDX-License-Identifier: MIT */
#include "emu/run/request_relay.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LEAST_ROOM 65536

int sfe_relay_open(struct sfe_relay *r, int *lab, struct sfe_error *err)
{
	int both[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both))
		return sfe_fail(err, -errno, NULL, NULL, "socketpair: %s", strerror(errno));
	r->lab = both[0];
	*lab = both[1];
	return 0;
}

static void refuse(int connection, int code, const char *why)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "error", json_object_new_string(why));
	json_object_object_add(o, "code", json_object_new_int(code));
	const char *text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	sfe_control_answer_all(connection, text, strlen(text));
	json_object_put(o);
}

static void drop_first(struct sfe_relay *r)
{
	free(r->waiting[0].text);
	r->n--;
	memmove(r->waiting, r->waiting + 1, r->n * sizeof(r->waiting[0]));
	r->asked = false;
	r->len = 0;
}

/* The lab reads a request while it answers none, so this write does not block. */
static void ask_next(struct sfe_relay *r)
{
	while (r->serves && r->n && !r->asked) {
		const char *text = r->waiting[0].text;
		r->asked = send(r->lab, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
		if (!r->asked) {
			refuse(r->waiting[0].connection, -EPIPE, "the experiment is about to end");
			drop_first(r);
		}
	}
}

void sfe_relay_ask(struct sfe_relay *r, struct sfe_control_request *request)
{
	const char *line = request->text + strlen("lab ");
	size_t len = strlen(line);

	if (r->lab < 0) {
		refuse(request->connection, -EINVAL, r->refusal);
	} else if (strchr(line, '\n') || r->n == SFE_RELAY_WAITING) {
		refuse(request->connection, -EBUSY, "too many ask at once; try again");
	} else if (!(r->waiting[r->n].text = malloc(len + 2))) {
		refuse(request->connection, -ENOMEM, "out of memory");
	} else {
		memcpy(r->waiting[r->n].text, line, len);
		memcpy(r->waiting[r->n].text + len, "\n", 2);
		r->waiting[r->n++].connection = request->connection;
	}
	request->connection = -1;
	ask_next(r);
}

void sfe_relay_serves(struct sfe_relay *r)
{
	r->serves = true;
	ask_next(r);
}

static bool make_room(struct sfe_relay *r)
{
	size_t room = r->room ? 2 * r->room : LEAST_ROOM;
	char *more = r->len < r->room ? r->answer : realloc(r->answer, room);

	if (!more)
		return false;
	r->room = r->len < r->room ? r->room : room;
	r->answer = more;
	return true;
}

void sfe_relay_read(struct sfe_relay *r)
{
	ssize_t n =
		make_room(r) ? recv(r->lab, r->answer + r->len, r->room - r->len, MSG_DONTWAIT) : 0;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) { /* the lab is gone; its end reports why */
		sfe_relay_close(r);
		r->refusal = "the experiment is about to end";
		return;
	}
	r->len += (size_t)n;
	if (!r->asked || r->answer[r->len - 1] != '\n')
		return;
	sfe_control_answer_all(r->waiting[0].connection, r->answer, r->len);
	drop_first(r);
	ask_next(r);
}

void sfe_relay_close(struct sfe_relay *r)
{
	while (r->n) {
		refuse(r->waiting[0].connection, -EPIPE, "the experiment has ended meanwhile");
		drop_first(r);
	}
	if (r->lab >= 0)
		close(r->lab);
	r->lab = -1;
	free(r->answer);
	r->answer = NULL;
	r->room = 0;
}
