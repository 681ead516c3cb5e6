/* SPDX-License-Identifier: MIT */
/*
 * The orchestrator between those who ask (control_socket.h) and the lab (live.h): one request after
 * the other goes in, its answer comes back. What comes before the lab's network is built waits.
 *
 * Theory of operation. In a guest the lab's end is a terminal, to which everything in the guest can
 * write. A request therefore begins with a random word, and its answer is the line that begins with
 * the same word. All else is read and thrown away, also while nothing was asked, and no more than
 * SFE_CONTROL_ANSWER_BYTES are kept.
 */
#ifndef SFE_RUN_RELAY_H
#define SFE_RUN_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "emu/run/control_socket.h"

/* The word, and the blank after it. */
#define SFE_RELAY_WORD_BYTES 16
#define SFE_RELAY_REQUEST_BYTES (SFE_CONTROL_REQUEST_BYTES + SFE_RELAY_WORD_BYTES + 1)

#define SFE_RELAY_WAITING 16

struct sfe_relay {
	int lab;             /* a socket; -1: nobody can ask, and refusal says why */
	const char *refusal; /* a line with what to do instead */
	bool serves;         /* the lab is ready */
	bool asked;          /* it has the first of those that wait */
	struct {
		int connection;
		char *text;
	} waiting[SFE_RELAY_WAITING];
	unsigned n;
	char word[SFE_RELAY_WORD_BYTES + 2]; /* of the first, if it was asked */
	char *answer;                        /* the line so far, as long as it can be the answer */
	size_t len, room;
	bool skip; /* the line is none of ours: thrown away up to its end */
};

/* Makes the two ends; *lab is the lab's, the caller's. */
int sfe_relay_open(struct sfe_relay *r, int *lab, struct sfe_error *err);
/* Everybody who waits is told that there is no answer any more. */
void sfe_relay_close(struct sfe_relay *r);

/* Takes over a request whose text is "lab ..." and its connection. */
void sfe_relay_ask(struct sfe_relay *r, struct sfe_control_request *request);
/* The lab has said that it is ready. */
void sfe_relay_serves(struct sfe_relay *r);
/* Reads what the lab answers; its socket is readable. */
void sfe_relay_read(struct sfe_relay *r);

#endif
