/* SPDX-License-Identifier: MIT */
#include "emu/run/control/request_relay.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 65536

int sfe_relay_open(struct sfe_relay *r, int *lab, struct sfe_error *err)
{
	int both[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both))
		return sfe_fail(err, -errno, NULL, NULL, "socketpair: %s", strerror(errno));
	r->lab = both[0];
	*lab = both[1];
	return 0;
}

static bool put(int fd, const char *text)
{
	return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
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

/* Makes a word that nobody can have written before. */
static bool choose_word(struct sfe_relay *r)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return false;
	snprintf(r->word, sizeof(r->word), "%016" PRIx64 " ", random);
	return true;
}

/* Signals go between requests, so that the terminal's input has room (control_socket.h). */
static void send_signals(struct sfe_relay *r)
{
	for (unsigned i = 0; i < r->n_exec && !r->asked; i++) {
		struct sfe_relay_exec *e = &r->exec[i];
		char line[64];
		if (!e->signal)
			continue;
		snprintf(line, sizeof(line), "%s{\"ask\":\"%s\"}\n", e->word, e->signal);
		put(r->lab, line);
		e->signal = NULL;
	}
}

void sfe_relay_client(struct sfe_relay *r, unsigned exec, short events)
{
	struct sfe_relay_exec *e = &r->exec[exec];

	if (events & (POLLHUP | POLLERR)) {
		e->gone = true;
		e->signal = "kill";
	} else if (events & POLLRDHUP) {
		e->interrupted = true;
		e->signal = "interrupt";
	}
	send_signals(r);
}

static int from_hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hands a part of the output to the client: "o" and the bytes. */
static void hand_output(struct sfe_relay_exec *e, const char *hex, size_t n)
{
	char part[SFE_EXEC_PART + 1] = "o";
	size_t len = 1;

	for (size_t i = 0; i + 1 < n && len < sizeof(part); i += 2) {
		int high = from_hex(hex[i]), low = from_hex(hex[i + 1]);
		if (high < 0 || low < 0)
			return; /* not of the lab */
		part[len++] = (char)(high * 16 + low);
	}
	/* A client that does not read for some seconds is taken for gone. */
	if (!e->gone && send(e->connection, part, len, MSG_NOSIGNAL) < 0) {
		e->gone = true;
		e->signal = "kill";
	}
}

static void end_exec(struct sfe_relay *r, unsigned exec, const char *status)
{
	char end[16];

	snprintf(end, sizeof(end), "x%.8s", status);
	sfe_control_answer_all(r->exec[exec].connection, end, strlen(end));
	r->exec[exec] = r->exec[--r->n_exec];
}

/* Takes the line if it is of a command. */
static bool take_of_exec(struct sfe_relay *r)
{
	const size_t word = SFE_RELAY_WORD_BYTES + 1;

	for (unsigned i = 0; i < r->n_exec; i++) {
		if (r->len < word + 5 || memcmp(r->answer, r->exec[i].word, word))
			continue;
		char *what = r->answer + word;
		r->answer[r->len - 1] = 0; /* its newline */
		if (!strncmp(what, "out ", 4))
			hand_output(&r->exec[i], what + 4, r->len - word - 5);
		else if (!strncmp(what, "end ", 4))
			end_exec(r, i, what + 4);
		send_signals(r);
		return true;
	}
	return false;
}

/* The lab reads a request while it answers none, so this write does not block. */
static void ask_next(struct sfe_relay *r)
{
	send_signals(r);
	while (r->serves && r->n && !r->asked) {
		const char *why = NULL;

		if (!choose_word(r))
			why = "the system gives no random numbers";
		else if (!put(r->lab, r->word) || !put(r->lab, r->waiting[0].text))
			why = "the experiment is about to end";
		r->asked = !why;
		if (why) {
			refuse(r->waiting[0].connection, -EPIPE, why);
			drop_first(r);
		}
	}
}

/* Whether it is a word of the relay's own (send_signals()), which the lab does not answer: the
 * requests behind it would wait for ever. */
static bool is_signal(const char *line)
{
	json_object *o = json_tokener_parse(line), *ask = NULL;
	const char *what =
		json_object_object_get_ex(o, "ask", &ask) ? json_object_get_string(ask) : NULL;
	bool is = what && (!strcmp(what, "interrupt") || !strcmp(what, "kill"));

	json_object_put(o);
	return is;
}

void sfe_relay_ask(struct sfe_relay *r, struct sfe_control_request *request)
{
	const char *line = request->text + strlen("lab ");
	size_t len = strlen(line);

	if (r->lab < 0) {
		refuse(request->connection, -EINVAL, r->refusal);
	} else if (strchr(line, '\n')) {
		refuse(request->connection, -EINVAL, "a request is one line");
	} else if (is_signal(line)) {
		refuse(request->connection, -EINVAL, "a command is ended by its own client");
	} else if (r->n == SFE_RELAY_WAITING) {
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

/* Adds to the line; false: it is longer than an answer may be, or there is no memory. */
static bool add(struct sfe_relay *r, const char *text, size_t n)
{
	if (r->len + n > SFE_CONTROL_ANSWER_BYTES)
		return false;
	while (r->len + n > r->room) {
		size_t room = r->room ? 2 * r->room : READ_BYTES;
		char *more = realloc(r->answer, room);
		if (!more)
			return false;
		r->room = room;
		r->answer = more;
	}
	memcpy(r->answer + r->len, text, n);
	r->len += n;
	return true;
}

/* Whether the line, as far as it is here, can be the answer. */
static bool may_be_answer(const struct sfe_relay *r)
{
	const size_t word = SFE_RELAY_WORD_BYTES + 1, n = r->len < word ? r->len : word;

	for (unsigned i = 0; i < r->n_exec; i++)
		if (!memcmp(r->answer, r->exec[i].word, n))
			return true;
	return r->asked && !memcmp(r->answer, r->word, n);
}

/* A whole line, of which the word came first. */
static void take_answer(struct sfe_relay *r)
{
	size_t word = strlen(r->word);
	static const char started[] = SFE_EXEC_STARTED;

	if (r->n_exec < SFE_EXEC_SESSIONS && r->len - word > sizeof(started) - 1 &&
		!memcmp(r->answer + word, started, sizeof(started) - 1)) {
		struct sfe_relay_exec *e = &r->exec[r->n_exec++];
		*e = (struct sfe_relay_exec){.connection = r->waiting[0].connection};
		memcpy(e->word, r->word, sizeof(e->word));
		sfe_control_patience(e->connection);
		drop_first(r);
		ask_next(r);
		return;
	}
	sfe_control_answer_all(r->waiting[0].connection, r->answer + word, r->len - word);
	drop_first(r);
	ask_next(r);
}

/* Takes a line, or the part of it that is here. False: the lab is not to be read any more. */
static bool take(struct sfe_relay *r, const char *text, size_t n)
{
	bool end = text[n - 1] == '\n';

	bool listens = r->asked || r->n_exec;

	if (!r->skip && listens) {
		if (!add(r, text, n))
			return false;
		r->skip = !may_be_answer(r);
	}
	if (end && !r->skip && listens && take_of_exec(r)) {
		r->len = 0;
		return true;
	}
	if (end && !r->skip && r->asked && r->len > strlen(r->word) &&
		!memcmp(r->answer, r->word, strlen(r->word))) {
		take_answer(r);
		return true;
	}
	/* What came before the question is no part of a line of the answer. */
	r->skip = !end && (r->skip || !listens);
	if (end || r->skip)
		r->len = 0;
	return true;
}

static void give_up(struct sfe_relay *r, const char *why)
{
	sfe_relay_close(r);
	r->refusal = why;
}

void sfe_relay_read(struct sfe_relay *r)
{
	char buf[READ_BYTES], *at = buf;
	ssize_t n = recv(r->lab, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) { /* the lab is gone; its end reports why */
		give_up(r, "the experiment is about to end");
		return;
	}
	while (n > 0) {
		const char *newline = memchr(at, '\n', (size_t)n);
		size_t part = newline ? (size_t)(newline - at) + 1 : (size_t)n;
		if (!take(r, at, part)) {
			give_up(r, "the experiment answers more than an answer may have");
			return;
		}
		at += part;
		n -= (ssize_t)part;
	}
}

void sfe_relay_close(struct sfe_relay *r)
{
	while (r->n_exec)
		end_exec(r, 0, "gone");
	while (r->n) {
		refuse(r->waiting[0].connection, -EPIPE, "the experiment has ended meanwhile");
		drop_first(r);
	}
	if (r->lab >= 0)
		close(r->lab);
	r->lab = -1;
	free(r->answer);
	r->answer = NULL;
	r->room = r->len = 0;
}
