/* SPDX-License-Identifier: MIT */
/*
 * Forwards requests from clients (control_socket.h) to the lab (live_changes.h), one at a time, and
 * returns the answers. Requests that arrive before the network is built wait.
 *
 * Theory of operation. In a guest the lab's end is a terminal, to which everything in the guest can
 * write. A request therefore begins with a random word, and its answer is the line that begins with
 * the same word. All else is read and dropped, also while nothing was asked, and no more than
 * SFE_CONTROL_ANSWER_BYTES are kept.
 */
#ifndef SFE_RUN_REQUEST_RELAY_H
#define SFE_RUN_REQUEST_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "emu/run/control/control_socket.h"
#include "emu/run/control/guest_exec.h"

/* The word, and the blank after it. */
#define SFE_RELAY_WORD_BYTES 16
#define SFE_RELAY_REQUEST_BYTES (SFE_CONTROL_REQUEST_BYTES + SFE_RELAY_WORD_BYTES + 1)

#define SFE_RELAY_WAITING 16

struct sfe_relay {
	int lab;             /* a socket; -1: no requests, refusal says why */
	const char *refusal; /* one line, with what to do instead */
	bool serves;         /* the lab is ready */
	bool asked;          /* the lab has the first waiting request */
	struct {
		int connection;
		char *text;
	} waiting[SFE_RELAY_WAITING];
	unsigned n;
	/* Commands that run for clients (guest_exec.h). */
	struct sfe_relay_exec {
		int connection;
		char word[SFE_RELAY_WORD_BYTES + 2];
		const char *signal;     /* to be sent: "interrupt" or "kill"; NULL: none */
		bool interrupted, gone; /* the client was interrupted; it is gone */
	} exec[SFE_EXEC_SESSIONS];
	unsigned n_exec;
	char word[SFE_RELAY_WORD_BYTES + 2]; /* of the first, if it was asked */
	char *answer;                        /* the line so far, as long as it can be the answer */
	size_t len, room;
	bool skip; /* the line is not an answer: dropped up to its end */
};

/* Creates the two ends; *lab is the lab's end, owned by the caller. */
int sfe_relay_open(struct sfe_relay *r, int *lab, struct sfe_error *err);
/* Tells all waiting clients that no answer will come. */
void sfe_relay_close(struct sfe_relay *r);

/* Takes over a request "lab ..." and its connection. */
void sfe_relay_ask(struct sfe_relay *r, struct sfe_control_request *request);
/* The lab is ready. */
void sfe_relay_serves(struct sfe_relay *r);
/* What happened to the connection of a command's client: poll(2)'s events. */
void sfe_relay_client(struct sfe_relay *r, unsigned exec, short events);
/* Reads the lab's answer; its socket is readable. */
void sfe_relay_read(struct sfe_relay *r);

#endif
