/* SPDX-License-Identifier: MIT */
/*
 * How `sfemu exec`, `down`, `link` and `links` reach a running experiment: an abstract Unix socket
 * of the orchestrator. It has no file, so a killed orchestrator leaves none behind. A request is
 * one line, the answer one line ("ok" or "error TEXT"), with descriptors where the request asks for
 * a node. Of a request to the lab ("lab " and what live.h says) the answer is all until the end.
 */
#ifndef SFE_RUN_CONTROL_SOCKET_H
#define SFE_RUN_CONTROL_SOCKET_H

#include <sys/types.h>

#include "sfemu/error.h"

/* What the answer to "exec NODE" brings: the network, PID and mount namespaces to join, in that
 * order. */
#define SFE_CONTROL_NODE_FDS 3

/*
 * Requests go into a guest by a terminal of it, whose input holds 4096 bytes. With less than 128
 * left the kernel asks the line to stop, after which User-Mode Linux does not listen to it any
 * more.
 */
#define SFE_CONTROL_REQUEST_BYTES 3900

/* The orchestrator's side. */
int sfe_control_listen(struct sfe_error *err);

struct sfe_control_request {
	int connection;
	char text[SFE_CONTROL_REQUEST_BYTES];
};
/* Accepts one request from the same user or root; false if there is none that counts. */
int sfe_control_accept(int listener, struct sfe_control_request *request);
/* Answers and closes. fds may be NULL. */
void sfe_control_answer(
	struct sfe_control_request *request, const char *text, const int *fds, int n);

/* The same with an answer of any length. */
void sfe_control_answer_all(int connection, const char *text, size_t len);

/* The caller's side. run: the orchestrator's process id, 0 for the only one. fds gets up to n
 * descriptors. */
int sfe_control_ask(pid_t run, const char *request, int *fds, int n, struct sfe_error *err);
/* Asks the lab. *answer is the caller's (free). */
int sfe_control_ask_lab(pid_t run, const char *request, char **answer, struct sfe_error *err);

#endif
