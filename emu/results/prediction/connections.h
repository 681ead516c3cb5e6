/* SPDX-License-Identifier: MIT */
/* Predicted messages: connections stay open, and windows grow with what was sent before. */
#ifndef SFE_RESULTS_PREDICTION_CONNECTIONS_H
#define SFE_RESULTS_PREDICTION_CONNECTIONS_H

#include "emu/experiment/explained_paths.h"
#include "sfemu/transfer.h"

struct sfe_connection { /* between two nodes; of its sides 0 has opened it */
	bool open;
	double window[2]; /* segments */
	double last_s[2]; /* when the side has sent last */
};

struct sfe_connections { /* all zero but for paths.e and tcp: none is open */
	struct sfe_tcp tcp;
	struct sfe_explained_paths paths;
	struct sfe_connection *of; /* by the path from who opens it to the other one */
	uint32_t room;
	struct sfe_connection_before { /* what messages since the last mark have changed */
		uint32_t path;
		struct sfe_connection before;
	} * changed;
	uint32_t n_changed, changed_room;
};

struct sfe_predicted_message {
	uint32_t opener, from, to; /* nodes; opener is one of the others */
	uint64_t bytes;            /* of its payload */
	bool asked;                /* the receiver asks for it */
	uint32_t asks_more_bytes;  /* of that request, beyond the usual */
};

/* *end_s: when it has arrived, sent (or asked for) at start_s. A message to the same node, or
 * without a path, takes no time. 0 or -ENOMEM. */
int sfe_connections_send(struct sfe_connections *all, const struct sfe_predicted_message *m,
	double start_s, double *end_s);
/* Opens a connection long before the first message, with windows that cover its path, unless it is
 * open. 0 or -ENOMEM. */
int sfe_connections_warm_up(struct sfe_connections *all, uint32_t opener, uint32_t other);
/* From here on sfe_connections_undo forgets messages. */
void sfe_connections_mark(struct sfe_connections *all);
void sfe_connections_undo(struct sfe_connections *all);
void sfe_connections_free(struct sfe_connections *all);

#endif
