/* SPDX-License-Identifier: MIT */
/*
 * How `sfemu exec`, `down`, `link` and `links` reach a running experiment: a Unix socket of the
 * orchestrator. A request is one line, the answer one line ("ok" or "error TEXT"), with descriptors
 * where the request asks for a node. Of a request to the lab ("lab " and what live.h says) the
 * answer is all until the end.
 *
 * Theory of operation. Who asks runs commands in the namespaces that it is handed, as root: it must
 * be sure whom it asks. And a name must not be there for others to take, nor stay when the
 * orchestrator is killed. So the socket is made in a folder that only its owner can write
 * (emu/security/runtime_folder.h), is opened there (O_PATH), and loses its name at once; it is
 * reached through that descriptor, as /proc/PID/fd/N, which the kernel gives to root and to the
 * same user only, and which ends with the process. Both sides then look at the other's uid
 * (SO_PEERCRED): the orchestrator serves its own user and root; who asks takes answers from root
 * and from its own user.
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
/* The most that comes as one answer. */
#define SFE_CONTROL_ANSWER_BYTES (64u << 20)

/* The orchestrator's side: *listener takes requests, and *door is what others reach it by; both are
 * the caller's to close. */
int sfe_control_listen(int *listener, int *door, struct sfe_error *err);

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
