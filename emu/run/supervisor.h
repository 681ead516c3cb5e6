/* SPDX-License-Identifier: MIT */
/* A run, as the orchestrator sees it. */
#ifndef SFE_RUN_SUPERVISOR_H
#define SFE_RUN_SUPERVISOR_H

#include "emu/results/results_limit.h"
#include "emu/run/lab.h"
#include "emu/run/progress.h"
#include "emu/run/relay.h"
#include "emu/run/substrate.h"
#include "emu/run/watchdog.h"
#include "emu/vm/console.h"
#include "emu/vm/guest.h"

struct sfe_supervise_options {
	struct sfe_lab_options lab; /* real_clock is set here */
	bool quiet;
	bool output_to_stderr;  /* what users' commands print; else to the standard output */
	bool unconfined;        /* of a guest: emu/vm/guest.h */
	uint64_t results_bytes; /* that a guest may write; 0: results_limit.h's default */
	const char *program;    /* path of this program, the guest's init */
	unsigned watchdog_s; /* how long a guest may get nowhere, in wall time; 0: see watchdog.h */
};

#define LINE_MAX_BYTES 4096

struct lines { /* bytes of a stream, cut into lines */
	char buf[LINE_MAX_BYTES];
	size_t len;
};

struct node_fd {
	char name[2 * SFE_MAX_NAME + 2];
	int fd;         /* of the lab (native) */
	uint32_t netns; /* the namespace's number (virtual clock) */
};

struct supervisor {
	const struct sfe_supervise_options *options;
	const struct sfe_substrate_choice *choice;
	struct sfe_progress progress;
	pid_t lab;
	int channel, signals;
	int control, door;      /* control_socket.h */
	struct sfe_relay relay; /* for those who ask the lab */
	unsigned by_hand;       /* changes of links */
	struct sfe_console console;
	unsigned memory_mb; /* of the guest */
	struct lines channel_lines;
	double stage_s[2]; /* when the network's building began, and when it was built */
	unsigned n_stages;
	struct node_fd *nodes;
	unsigned n_nodes, max_nodes;
	const volatile struct sfe_guest_progress *page; /* of a guest with a virtual clock */
	struct sfe_watchdog watchdog;
	struct sfe_results_limit results;
	bool spoke, up, ended; /* spoke: the lab has said something */
	int end_code;
	char error[1100]; /* as the lab said it */
	bool interrupted, down;
};

#endif
