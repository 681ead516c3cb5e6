/* SPDX-License-Identifier: MIT */
/*
 * What a link does to packets in one direction. Plain data: the shaper turns it into qdiscs.
 *
 * A packet passes these in order: the queue, which may drop it; loss, duplication and corruption;
 * the delay; the rate, at which packets are sent one after the other. Packets keep their order
 * whatever their delays are, unless reordering is set.
 */
#ifndef SFEMU_LINK_H
#define SFEMU_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sfemu/delay.h"
#include "sfemu/packet_list.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The probability that a packet is affected, and the correlation between successive draws; both
 * 0 to 1. */
struct sfe_probability {
	double probability, correlation;
};

enum sfe_loss_model {
	SFE_LOSS_RANDOM,          /* p[0]: probability, p[1]: correlation */
	SFE_LOSS_GILBERT_ELLIOTT, /* p[]: p, r, 1-h, 1-k */
	SFE_LOSS_MARKOV,          /* 4 states, p[]: p13, p31, p32, p14, p23 */
	SFE_LOSS_PACKET_LIST,     /* the packets of a list, no others */
};

struct sfe_loss {
	enum sfe_loss_model model;
	double p[5]; /* 0 to 1 */
	/* Not NULL with another model: the packets of the list are lost as well. */
	const struct sfe_packet_list *packets;
};

struct sfe_slots {                       /* packets wait for the next slot; all 0: no slots */
	uint64_t min_ns, max_ns;         /* gap between two slots, uniform */
	uint32_t max_packets, max_bytes; /* per slot; 0: unlimited */
};

enum sfe_discipline { SFE_DROP_TAIL, SFE_CODEL, SFE_FQ_CODEL, SFE_PIE };
#define SFE_DISCIPLINES 4

/* Who sends next on a shared medium: whose packet came first, the stations in turn, or who wins the
 * contention of 802.11 (dcf.h). */
enum sfe_medium { SFE_MEDIUM_FIFO, SFE_MEDIUM_FAIR, SFE_MEDIUM_DCF };
#define SFE_MEDIA 3

/* Direction of a link. A half-duplex medium uses only the first, for both directions. */
enum sfe_link_direction { SFE_UP, SFE_DOWN }; /* from a node into the network; back to the node */
#define SFE_DIRECTIONS 2

struct sfe_link_spec {
	uint64_t rate_bps;        /* bit/s of layer-2 bytes; 0: no limit */
	struct sfe_delay delay;   /* one-way */
	double delay_correlation; /* between the delays of successive packets, 0 to 0.99 */
	struct sfe_loss loss;
	struct sfe_probability duplicate, corrupt, reorder;
	uint32_t reorder_gap; /* reorder acts on every Nth packet; 0: on none */
	struct sfe_slots slots;
	/* How much may wait for the transmitter. The first that is not 0 applies. */
	uint64_t queue_bytes;
	uint32_t queue_packets;         /* counts packets in flight too */
	uint64_t queue_ns;              /* time at the link's rate */
	enum sfe_discipline discipline; /* a managed queue (AQM) counts full packets */
	uint32_t mtu;                   /* largest IP packet in bytes; 0: the network's */
	int32_t overhead;               /* bytes added to each frame on the line */
	uint32_t cell_bytes;    /* packets occupy whole cells of this many bytes; 0: no cells */
	int32_t cell_overhead;  /* bytes added to each cell */
	bool full_duplex;       /* shared medium only: separate queues up and down */
	enum sfe_medium medium; /* shared medium only */
	uint64_t outage_end_ns; /* of a recorded link's outage, as a time of the schedule; in the
				   network, of CLOCK_MONOTONIC; 0: none */
	bool queue_follows;     /* a change of the rate holds for what waits too: a recorded link */
	uint64_t prng_seed;     /* seed of this direction's random draws; 0: the kernel draws one */
};

/* Contents of the files that attributes name. Specifications borrow them. */
struct sfe_link_files {
	bool names_only; /* files are named and never opened: one sample of 0, or one packet, stands
			    for their contents */
	struct sfe_delay_samples *samples;
	struct sfe_packet_list *packets;
};
void sfe_link_files_free(struct sfe_link_files *files);
/* Appends the lists of rest, so that a search finds the entries of files first; and undoes that. */
void sfe_link_files_join(struct sfe_link_files *files, const struct sfe_link_files *rest);
void sfe_link_files_separate(struct sfe_link_files *files, const struct sfe_link_files *rest);

/*
 * The attributes by name ("rate", "delay", "loss", …): one table for scenarios, commands and
 * schedules.
 */
struct sfe_link_attribute {
	const char *name;
	const char *preset; /* default; NULL: depends on the kind of link */
	/* Relative file names start at folder; what is read is kept in files (NULL: files are
	 * refused). Errors have no place. The other attributes stay unchanged. */
	int (*set)(struct sfe_link_spec *spec, const char *text, const char *folder,
		struct sfe_link_files *files, struct sfe_error *err);
	void (*print)(const struct sfe_link_spec *spec, FILE *out);
};
extern const struct sfe_link_attribute sfe_link_attributes[]; /* ends with a NULL name */
const struct sfe_link_attribute *sfe_link_attribute_find(const char *name);
/* The text that reads back as the same value, with absolute paths. The caller frees it; NULL:
 * out of memory. */
char *sfe_link_attribute_text(const struct sfe_link_attribute *a, const struct sfe_link_spec *spec);

/* Whether the attribute can be interpolated: rate, delay, loss, duplicate, corrupt. */
bool sfe_link_blends(const char *attribute);
/* Interpolates the attribute of *out (which may be b) between a (part 0) and b (part 1).
 * -EINVAL, without a place, if the laws or models cannot be interpolated. */
int sfe_link_blend(const struct sfe_link_spec *a, const struct sfe_link_spec *b,
	const char *attribute, double part, struct sfe_link_spec *out, struct sfe_error *err);

/* Checks the attributes against each other: the queue holds a packet, a managed queue has a
 * rate, … mtu: the network's, for a spec without one. Errors have no place; *attribute names the
 * wrong one. */
int sfe_link_check(const struct sfe_link_spec *spec, uint32_t mtu, const char **attribute,
	struct sfe_error *err);

/*
 * Checks medium, duplex and discipline of a shared link against the table of pairs that exist.
 * sfe_link_check does so too. Errors as there.
 */
int sfe_link_check_medium(
	const struct sfe_link_spec *spec, const char **attribute, struct sfe_error *err);
/* Whether packets wait in queues of their own before the link: a managed queue, or one a station.
 */
bool sfe_link_is_managed(const struct sfe_link_spec *spec);

/* Bytes that the queue may hold at the link's rate; 0 if it counts packets or there is no rate. */
double sfe_link_queue_bytes(const struct sfe_link_spec *spec);
/* Time to send a frame, with overhead and cells. */
double sfe_link_frame_ns(const struct sfe_link_spec *spec, uint32_t frame_bytes);

/* The long-run share of packets that a loss model loses. */
double sfe_loss_mean(const struct sfe_loss *loss);
/*
 * The ratio of the variance of the number of losses among many packets to that of independent
 * losses (1 for independent losses).
 */
double sfe_loss_burstiness(const struct sfe_loss *loss);

/*
 * netem's correlated numbers are weighted means (1 - c) × fresh + c × last of uniform numbers. They
 * concentrate around the middle: fewer than a share p of them are below p. Returns the threshold
 * below which a share p of them lies, so that a probability holds for any correlation.
 */
double sfe_correlated_quantile(double p, double correlation);
/* The probability that a correlated number and the next one are both among the lowest share p. */
double sfe_correlated_both(double p, double correlation);
/* The share of correlated numbers below i / n, for 0 <= i <= n. 0 or -ENOMEM. */
int sfe_correlated_cdf(double correlation, uint32_t n, double *cdf);

#ifdef __cplusplus
}
#endif

#endif
