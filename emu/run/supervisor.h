/* SPDX-License-Identifier: MIT */
/* The orchestrator's state of a run. */
#ifndef SFE_RUN_SUPERVISOR_H
#define SFE_RUN_SUPERVISOR_H

#include "emu/run/control/request_relay.h"
#include "emu/run/lab.h"
#include "emu/run/progress.h"
#include "emu/run/results_limit.h"
#include "emu/run/substrate.h"
#include "emu/run/watchdog.h"
#include "emu/vm/console.h"
#include "emu/vm/guest.h"

struct sfe_failed_commands { /* of --during and --exec */
	unsigned n;
	char first[600]; /* which, and how */
};

struct sfe_supervise_options {
	struct sfe_lab_options lab; /* real_clock is set by the supervisor */
	bool quiet;
	int report; /* a pipe that progress goes to, as lines of a channel; 0: none. With it the
		       caller serves the control socket */
	bool output_to_stderr;  /* users' commands print to stderr, else to stdout */
	bool unconfined;        /* for a guest: emu/vm/guest.h */
	uint64_t results_bytes; /* limit of a guest's results; 0: results_limit.h's default */
	const char *program;    /* path of this program, the guest's init */
	struct sfe_failed_commands *failed; /* set; may be NULL */
	unsigned watchdog_s; /* how long a guest may make no progress, in wall time; 0: see
				watchdog.h */
};

#define LINE_MAX_BYTES 4096

struct lines { /* bytes of a stream, split into lines */
	char buf[LINE_MAX_BYTES];
	size_t len;
};

struct node_fd {
	char name[2 * SFE_MAX_NAME + 2];
	int fd;         /* descriptor in the lab (native) */
	uint32_t netns; /* namespace number (virtual clock) */
};

struct supervisor {
	const struct sfe_supervise_options *options;
	const struct sfe_substrate_choice *choice;
	struct sfe_progress progress;
	pid_t lab;
	int channel, signals;
	int control, door;      /* control_socket.h */
	struct sfe_relay relay; /* for requests to the lab */
	struct sfe_failed_commands failed;
	unsigned manual_changes; /* changed directions of links */
	struct sfe_console console;
	unsigned memory_mb; /* of the guest */
	struct lines channel_lines;
	double stage_s[2]; /* times when building began and ended */
	unsigned n_stages;
	struct node_fd *nodes;
	unsigned n_nodes, max_nodes;
	const volatile struct sfe_guest_progress *page; /* of a guest with a virtual clock */
	struct sfe_watchdog watchdog;
	struct sfe_results_limit results;
	bool spoke, up, ended; /* spoke: the lab has sent a line */
	int end_code;
	char error[1100]; /* the lab's error */
	bool interrupted, down;
};

#endif
