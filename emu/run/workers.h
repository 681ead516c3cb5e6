/* SPDX-License-Identifier: MIT */
/*
 * The workers of an experiment, one per node: a process each in its node's namespace, or all in one
 * process, where processes and system calls are expensive and sharing costs no time.
 */
#ifndef SFE_RUN_WORKERS_H
#define SFE_RUN_WORKERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "emu/measure/replay_record.h"

struct sfe_worker {
	pid_t pid;   /* for workers in one process: the same for all */
	int control; /* this process's end of the SOCK_SEQPACKET pair */
};

struct sfe_workers {
	uint32_t n; /* one per node of the topology, by its index */
	struct sfe_worker *worker;
	bool one_process;
	struct sfe_running_code
		*running; /* shared memory of each process; NULL: no code of the user's */
	size_t running_bytes;
};

/* Forks the workers and waits until all listen. deployment must stay unchanged while they run. */
int sfe_workers_start(const struct sfe_net *net, const struct sfe_deployment *deployment,
	bool one_process, struct sfe_workers *workers, struct sfe_error *err);
/* Kills and reaps all workers. */
void sfe_workers_end(struct sfe_workers *workers);

/* Reads one message; returns its size, 0 at the end of the stream. A worker's error message
 * becomes err. */
int sfe_workers_receive(const struct sfe_workers *workers, const struct sfe_deployment *deployment,
	uint32_t node, void *message, size_t size, struct sfe_error *err);

/* Messages of one worker that were read at once, as each reading is a system call. */
#define SFE_INBOX_MESSAGES 64u
#define SFE_INBOX_BYTES 4096u
struct sfe_inbox {
	struct mmsghdr headers[SFE_INBOX_MESSAGES];
	struct iovec vectors[SFE_INBOX_MESSAGES];
	uint32_t n, at; /* messages, and the next one; equal: empty */
	uint64_t bytes[SFE_INBOX_MESSAGES][SFE_INBOX_BYTES / sizeof(uint64_t)];
};
/* As sfe_workers_receive, but *message points into the inbox. An empty one is filled first, with up
 * to `most` messages (1 to SFE_INBOX_MESSAGES); one that is not empty must be of the same worker.
 */
int sfe_workers_take(const struct sfe_workers *workers, const struct sfe_deployment *deployment,
	uint32_t node, struct sfe_inbox *inbox, uint32_t most, const void **message,
	struct sfe_error *err);

/* The error for a worker whose stream has ended: what is known of its end. */
int sfe_workers_died(const struct sfe_workers *workers, const struct sfe_deployment *deployment,
	uint32_t node, struct sfe_error *err);

#endif
