/* SPDX-License-Identifier: MIT */
/*
 * `sfemu exec` in a guest: the lab runs a command for a client outside.
 *
 * Theory of operation. A request to the lab (request_relay.h) starts a session: a process that runs
 * the command in a node, and writes lines that begin with the request's random word: the answer
 * "WORD {"started":true}", what the command prints, "WORD out HEX", and at last its status,
 * "WORD end STATUS". The relay hands them to the client. When the client is interrupted (Ctrl-C),
 * or is gone, the relay sends a signal for that word.
 */
#ifndef SFE_RUN_GUEST_EXEC_H
#define SFE_RUN_GUEST_EXEC_H

#include <json-c/json.h>
#include <sys/types.h>

#include "emu/net/net.h"

#define SFE_EXEC_SESSIONS 8u /* at a time */
#define SFE_EXEC_WORDS 256u  /* of a command */
#define SFE_EXEC_PART 1024u  /* bytes of output in a line */
#define SFE_EXEC_WORD_BYTES 32u
#define SFE_EXEC_STARTED "{\"started\":true}"

struct sfe_exec_sessions {
	struct {
		pid_t pid; /* 0: free */
		char word[SFE_EXEC_WORD_BYTES];
	} session[SFE_EXEC_SESSIONS];
};

/* Starts a command: {"node": NAME, "command": [TEXT, ...], "folder": PATH}. word: with which lines
 * on fd begin, of which the answer is the first; after a failure nothing is written. */
int sfe_exec_start(struct sfe_exec_sessions *s, const struct sfe_net *net, int fd, const char *word,
	json_object *request, struct sfe_error *err);
/* Sends SIGINT to the command of a session, or ends it with all its processes. */
void sfe_exec_signal(const struct sfe_exec_sessions *s, const char *word, bool end);

#endif
