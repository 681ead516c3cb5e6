/* SPDX-License-Identifier: MIT */
/*
 * How `sfemu exec`, `down`, `link` and `links` reach a running experiment: a Unix socket of the
 * orchestrator. A request is one line, the answer one line ("ok" or "error TEXT"), with descriptors
 * if the request needs a node. For a request to the lab ("lab " and a request of live_changes.h)
 * the answer ends with the connection.
 *
 * Theory of operation. A client runs commands, as root, in the namespaces it is given: it must be
 * sure of the peer's identity. The socket's name must not be open to others, nor remain when the
 * orchestrator is killed. So the socket is created in a folder that only its owner can write
 * (emu/security/runtime_folder.h), is opened there (O_PATH), and its name is removed at once.
 * Clients reach it through that descriptor, the door, as /proc/PID/fd/N. The kernel allows that
 * only to root and the same user, and it ends with the process. Then both sides check the other's
 * uid (SO_PEERCRED): the orchestrator serves its own user and root; clients accept answers from
 * root and their own user.
 */
#ifndef SFE_RUN_CONTROL_SOCKET_H
#define SFE_RUN_CONTROL_SOCKET_H

#include <sys/types.h>

#include "sfemu/error.h"

/* The answer to "exec NODE" has the network, PID and mount namespaces to join, in that order. */
#define SFE_CONTROL_NODE_FDS 3

/*
 * Requests enter a guest through a terminal, whose input holds 4096 bytes. With less than 128 left
 * the kernel sends a stop to the line, and User-Mode Linux stops reading it.
 */
#define SFE_CONTROL_REQUEST_BYTES 3900
/* The most that comes as one answer. */
#define SFE_CONTROL_ANSWER_BYTES (64u << 20)

/* The orchestrator's side: *listener accepts requests, *door is how others reach it. The caller
 * closes both. */
int sfe_control_listen(int *listener, int *door, struct sfe_error *err);

struct sfe_control_request {
	int connection;
	char text[SFE_CONTROL_REQUEST_BYTES];
};
/* Accepts one request from the same user or root; false: no valid request. */
int sfe_control_accept(int listener, struct sfe_control_request *request);
/* Sends the answer and closes the connection. fds may be NULL. */
void sfe_control_answer(
	struct sfe_control_request *request, const char *text, const int *fds, int n);

/* The same with an answer of any length. */
void sfe_control_answer_all(int connection, const char *text, size_t len);

/* A client that does not take what is sent to it within a few seconds loses it. */
void sfe_control_patience(int connection);

/* sfe_control_ask returns this for "exec NODE" if the experiment is in a guest, where
 * sfe_control_exec runs the command. */
#define SFE_CONTROL_GUEST 1
/* Runs a command by a request to the lab (guest_exec.h), and writes its output to stdout. Returns
 * its status, or a negative errno. SIGINT interrupts the command, and a second one ends it; SIGINT
 * stays blocked. */
int sfe_control_exec(pid_t run, const char *request, struct sfe_error *err);

/* The client's side. run: the orchestrator's process id; 0: the only one, which then is named on
 * stderr, and in *run. fds gets up to n
 * descriptors. */
int sfe_control_ask(pid_t *run, const char *request, int *fds, int n, struct sfe_error *err);
/* Sends a request to the lab. *answer is the caller's (free). */
int sfe_control_ask_lab(pid_t run, const char *request, char **answer, struct sfe_error *err);

#endif
