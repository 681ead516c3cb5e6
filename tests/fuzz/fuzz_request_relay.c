/* SPDX-License-Identifier: MIT */
/*
 * What a guest writes to the terminal where `sfemu exec`, `link` and `links` ask its lab, and what
 * clients ask. Each part begins with what happens:
 *   ?TEXT    a client asks for TEXT
 *   >TEXT    the terminal says TEXT; a byte 1 in it stands for the word of the request that is in
 *            the lab, and bytes 16 to 23 for those of commands
 *   |N, !N   the client of command N is interrupted, is gone
 * The first byte says into how long pieces the terminal's text is cut.
 *
 * Who could write a client's word may answer it. Nothing else may reach a client, each client's
 * connection ends once, and the lab gets whole lines that begin with a word.
 */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/run/control/request_relay.h"
#include "tests/fuzz/fuzz.h"

#define MAX_CLIENTS 40
#define FIRST_EXEC 16
#define WORD (SFE_RELAY_WORD_BYTES + 1)
#define MAX_SAID (8192 * WORD + 1)

struct client {
	int fd, peer; /* the relay's end, while it has it, and the client's; -1: gone */
	bool ended;
};

struct lab {
	struct sfe_relay relay;
	int fd;
	struct client client[MAX_CLIENTS];
	unsigned n;
	char word[MAX_CLIENTS][WORD + 1]; /* that the lab got */
	unsigned n_words;
	char *said; /* all that the terminal said */
	size_t n_said;
};

/* Whether the terminal said a word of a request, and then this. */
static bool said(const struct lab *l, const char *text, size_t n)
{
	const char *at = l->said, *end = l->said + l->n_said;

	for (; (at = memmem(at, (size_t)(end - at), text, n)); at++)
		for (unsigned i = 0; i < l->n_words && at - l->said >= WORD; i++)
			if (!memcmp(at - WORD, l->word[i], WORD))
				return true;
	return false;
}

static bool is_refusal(const char *text, size_t n)
{
	return n > 10 && !memcmp(text, "{\"error\":\"", 10) && text[n - 1] == '}';
}

static bool is_output(const struct lab *l, const char *text, size_t n)
{
	char line[2 * SFE_EXEC_PART + 8] = "out ";
	size_t len = 4;

	if (*text != 'o' || n > 1 + SFE_EXEC_PART)
		return false;
	for (size_t i = 1; i < n; i++)
		len += (size_t)sprintf(line + len, "%02x", (unsigned char)text[i]);
	return said(l, line, len);
}

static bool is_end(const struct lab *l, const char *text, size_t n)
{
	char line[16];

	if (*text != 'x' || n > 9)
		return false;
	int len = snprintf(line, sizeof(line), "end %.*s", (int)n - 1, text + 1);
	return (n == 5 && !memcmp(text, "xgone", 5)) || said(l, line, (size_t)len);
}

/* An answer may be what a guest likes, and so look as output does. */
static void check_packet(const struct lab *l, struct client *c, const char *text, size_t n)
{
	CHECK(!c->ended);
	if (is_output(l, text, n))
		return;
	c->ended = true;
	CHECK(is_end(l, text, n) || is_refusal(text, n) ||
		(text[n - 1] == '\n' && said(l, text, n)));
}

/* Reads what has come to a client. Answers are shorter than a packet here, or come in several. */
static void read_client(const struct lab *l, struct client *c)
{
	static char text[MAX_SAID];
	char packet[16384];
	size_t len = 0;
	ssize_t n;

	while (c->peer >= 0 && (n = recv(c->peer, packet, sizeof(packet), MSG_DONTWAIT)) >= 0) {
		if (!n) {
			close(c->peer);
			c->peer = -1;
		} else if (!len && is_output(l, packet, (size_t)n)) {
			check_packet(l, c, packet, (size_t)n);
		} else {
			CHECK(len + (size_t)n <= sizeof(text));
			memcpy(text + len, packet, (size_t)n);
			len += (size_t)n;
		}
	}
	if (len)
		check_packet(l, c, text, len);
}

/* The lab gets whole lines, in which nobody else can put a line of their own. */
static void read_lab(const struct lab *l)
{
	char got[SFE_RELAY_WAITING * SFE_RELAY_REQUEST_BYTES];
	ssize_t n = l->fd < 0 ? 0 : recv(l->fd, got, sizeof(got), MSG_DONTWAIT);
	unsigned lines = 0;

	if (n <= 0)
		return;
	CHECK(got[n - 1] == '\n');
	for (char *at = got, *end; at < got + n; at = end + 1, lines++) {
		CHECK((end = memchr(at, '\n', (size_t)(got + n - at))));
		CHECK(end - at >= WORD && strspn(at, "0123456789abcdef") == WORD - 1);
		CHECK(at[WORD - 1] == ' ' && end - at < SFE_RELAY_REQUEST_BYTES);
	}
	CHECK(lines <= 2 + SFE_EXEC_SESSIONS);
}

static void check(struct lab *l)
{
	const struct sfe_relay *r = &l->relay;

	if (r->asked && (!l->n_words || strcmp(l->word[l->n_words - 1], r->word) != 0))
		memcpy(l->word[l->n_words++], r->word, WORD + 1);
	for (unsigned i = 0; i < l->n; i++)
		read_client(l, &l->client[i]);
	read_lab(l);
	CHECK(r->n <= SFE_RELAY_WAITING && r->n_exec <= SFE_EXEC_SESSIONS);
	CHECK(r->len <= r->room && r->room < 2 * SFE_CONTROL_ANSWER_BYTES);
	CHECK(!r->asked || r->n);
}

static void ask(struct lab *l, struct part p)
{
	struct sfe_control_request request;
	int ends[2];

	if (l->n == MAX_CLIENTS)
		return;
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	snprintf(request.text, sizeof(request.text), "lab %.*s", (int)p.len, p.at);
	request.connection = ends[0];
	l->client[l->n++] = (struct client){.fd = ends[0], .peer = ends[1]};
	sfe_relay_ask(&l->relay, &request);
	CHECK(request.connection == -1);
}

static const char *word_of(const struct lab *l, unsigned char byte)
{
	unsigned exec = byte - FIRST_EXEC;

	if (byte == 1 && l->relay.asked)
		return l->relay.word;
	return byte >= FIRST_EXEC && exec < l->relay.n_exec ? l->relay.exec[exec].word : NULL;
}

/* Says a piece, in which the words are as they are now. */
static void say_piece(struct lab *l, struct part p)
{
	size_t before = l->n_said;

	for (size_t i = 0; i < p.len; i++) {
		const char *word = word_of(l, (unsigned char)p.at[i]);
		CHECK(l->n_said + WORD <= MAX_SAID);
		if (word)
			memcpy(l->said + l->n_said, word, WORD);
		else
			l->said[l->n_said] = p.at[i];
		l->n_said += word ? WORD : 1;
	}
	size_t n = l->n_said - before;
	CHECK(send(l->fd, l->said + before, n, MSG_DONTWAIT) == (ssize_t)n);
	sfe_relay_read(&l->relay);
	check(l);
}

static void say(struct lab *l, struct part p, size_t most)
{
	for (size_t n; p.len && l->relay.lab >= 0; p = (struct part){p.at + n, p.len - n}) {
		n = p.len < most ? p.len : most;
		say_piece(l, (struct part){p.at, n});
	}
}

/* The client shuts its connection down, and the relay is told what poll says of it. */
static void disturb(struct lab *l, unsigned exec, bool gone)
{
	if (exec >= l->relay.n_exec || l->relay.exec[exec].gone)
		return;
	int fd = l->relay.exec[exec].connection;
	struct pollfd p = {.fd = fd, .events = POLLRDHUP};
	for (unsigned i = 0; i < l->n; i++) {
		struct client *c = &l->client[i];
		if (c->fd != fd || c->peer < 0)
			continue;
		shutdown(c->peer, gone ? SHUT_RDWR : SHUT_WR);
	}
	CHECK(poll(&p, 1, 0) == 1);
	sfe_relay_client(&l->relay, exec, p.revents);
}

static void happen(struct lab *l, struct part p, size_t most)
{
	const struct part text = {p.at + 1, p.len - 1};
	unsigned exec = p.len > 1 ? (unsigned char)p.at[1] - '0' : 0;

	switch (*p.at) {
	case '?':
		ask(l, text);
		break;
	case '>':
		say(l, text, most);
		break;
	case '|':
	case '!':
		disturb(l, exec, *p.at == '!');
		break;
	}
	check(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char room[MAX_SAID];
	struct lab l = {.relay.lab = -1, .said = room};
	struct sfe_error err = {0};

	if (size < 2)
		return 0;
	struct part rest = {(const char *)data + 1, size - 1};
	const size_t most = data[0] & 1 ? 1 + data[0] / 2 : 512;
	CHECK(!sfe_relay_open(&l.relay, &l.fd, &err));
	sfe_relay_serves(&l.relay);
	while (rest.at) {
		struct part p = next_part(&rest);
		if (p.len)
			happen(&l, p, most);
	}
	sfe_relay_close(&l.relay);
	CHECK(!l.relay.n && !l.relay.n_exec && !l.relay.room && l.relay.lab == -1);
	for (unsigned i = 0; i < l.n; i++) {
		read_client(&l, &l.client[i]);
		CHECK(l.client[i].peer == -1); /* all were ended */
	}
	close(l.fd);
	return 0;
}
