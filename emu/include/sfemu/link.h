/* SPDX-License-Identifier: MIT */
/*
 * What a link does to packets in one direction. Plain data: the shaper turns it into qdiscs.
 *
 * In the order in which it happens to a packet: the queue may refuse it; losses, duplicates and
 * corruption; it is in flight for the delay; it is sent at the rate, one packet after the other
 * (order is kept whatever the delays are, unless reordering is asked for).
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

/* A share of packets, each time with how much one draw depends on the last; both 0 to 1. */
struct sfe_probability {
	double probability, correlation;
};

enum sfe_loss_model {
	SFE_LOSS_RANDOM,          /* p[0]: probability, p[1]: correlation */
	SFE_LOSS_GILBERT_ELLIOTT, /* p[]: p, r, 1-h, 1-k */
	SFE_LOSS_MARKOV,          /* four states, p[]: p13, p31, p32, p14, p23 */
	SFE_LOSS_LISTED,          /* the packets of a list and no others */
};

struct sfe_loss {
	enum sfe_loss_model model;
	double p[5]; /* 0 to 1 */
	/* Not NULL with any other model: its packets are lost too, and counted on. */
	const struct sfe_packet_list *packets;
};

struct sfe_slots {                       /* packets wait for the next slot; all 0: there are none */
	uint64_t min_ns, max_ns;         /* between two slots, uniform */
	uint32_t max_packets, max_bytes; /* in one slot, 0: any number */
};

enum sfe_discipline { SFE_DROP_TAIL, SFE_CODEL, SFE_FQ_CODEL, SFE_PIE };

/* A direction of a link; media that are half duplex have only the first, for all. */
enum sfe_link_direction { SFE_UP, SFE_DOWN }; /* from a node into the network, back to it */
#define SFE_DIRECTIONS 2

struct sfe_link_spec {
	uint64_t rate_bps;        /* bit/s of layer-2 bytes; 0: no limit */
	struct sfe_delay delay;   /* one-path */
	double delay_correlation; /* of one packet's delay with the last's, 0 to 0.99 */
	struct sfe_loss loss;
	struct sfe_probability duplicate, corrupt, reorder;
	uint32_t reorder_gap; /* every how many packets reorder acts; 0: none is reordered */
	struct sfe_slots slots;
	/* How much may wait for the transmitter: the first of these that is not 0 holds. */
	uint64_t queue_bytes;
	uint32_t queue_packets;         /* counted together with what is in flight */
	uint64_t queue_ns;              /* as time at the link's rate */
	enum sfe_discipline discipline; /* a managed queue is counted in full packets */
	uint32_t mtu;                   /* bytes of an IP packet; 0: the network's */
	int32_t overhead;    /* bytes that each packet takes more on the line than its frame */
	uint32_t cell_bytes; /* packets are sent in whole cells of so many bytes; 0: as they are */
	int32_t cell_overhead; /* and each cell takes so many bytes more */
	bool full_duplex;      /* of a shared medium: one queue up and one down */
	uint64_t prng_seed;    /* of this direction's chance; 0: the kernel draws one */
};

/* What was read from files that attributes name. Specifications borrow it. */
struct sfe_link_files {
	bool names_only; /* files are named and never opened: one sample of 0, or one packet,
			    stands for what is in them */
	struct sfe_delay_samples *samples;
	struct sfe_packet_list *packets;
};
void sfe_link_files_free(struct sfe_link_files *files);
/* Lets the lists go on with those of the rest, so that what is found first is files' own; and takes
 * them apart again. */
void sfe_link_files_join(struct sfe_link_files *files, const struct sfe_link_files *rest);
void sfe_link_files_part(struct sfe_link_files *files, const struct sfe_link_files *rest);

/*
 * The attributes by name ("rate", "delay", "loss", …), as scenarios, commands and schedules set
 * them: one table for all.
 */
struct sfe_link_attribute {
	const char *name;
	const char *preset; /* what a link has that nobody said anything of; NULL: by kind */
	/* Files are looked for in folder and kept in files; NULL: they are refused. Fills err
	 * without a place. Leaves the other attributes as they are. */
	int (*set)(struct sfe_link_spec *spec, const char *text, const char *folder,
		struct sfe_link_files *files, struct sfe_error *err);
	void (*print)(const struct sfe_link_spec *spec, FILE *out);
};
extern const struct sfe_link_attribute sfe_link_attributes[]; /* ended by a NULL name */
const struct sfe_link_attribute *sfe_link_attribute_find(const char *name);
/* The text that reads back as what is set: with absolute paths. The caller's (free); NULL when out
 * of memory. */
char *sfe_link_attribute_text(const struct sfe_link_attribute *a, const struct sfe_link_spec *spec);

/* Whether there are values between two of the attribute: rate, delay, loss, duplicate, corrupt. */
bool sfe_link_blends(const char *attribute);
/* Sets the attribute of *out (which may be b) to what lies between a and b: part 0 is a, 1 is b.
 * Fails (-EINVAL, err without a place) where laws or models have nothing between them. */
int sfe_link_blend(const struct sfe_link_spec *a, const struct sfe_link_spec *b,
	const char *attribute, double part, struct sfe_link_spec *out, struct sfe_error *err);

/* Whether what is asked for goes together: the queue holds a packet, slots have no rate of 0, …
 * mtu: of the network, for a spec without one. Fills err without a place; *attribute names what is
 * wrong. */
int sfe_link_check(const struct sfe_link_spec *spec, uint32_t mtu, const char **attribute,
	struct sfe_error *err);

/* Bytes that the queue may hold at the link's rate; 0 where it is counted in packets or there is
 * no rate. */
double sfe_link_queue_bytes(const struct sfe_link_spec *spec);
/* How long a frame of so many bytes takes to send, with overhead and cells. */
double sfe_link_frame_ns(const struct sfe_link_spec *spec, uint32_t frame_bytes);

/* The share of packets that a loss model loses in the long run. */
double sfe_loss_mean(const struct sfe_loss *loss);
/*
 * By which factor the variance of the number of losses among many packets is larger than if each
 * was lost by itself (1 for such a model).
 */
double sfe_loss_burstiness(const struct sfe_loss *loss);

/*
 * netem's correlated numbers are weighted means (1 - c) × fresh + c × last of uniform ones: they
 * crowd in the middle, and fewer of them than p are below p. This is the threshold below which a
 * share p of them is, so that a chance is what was asked for, correlated or not.
 */
double sfe_correlated_quantile(double p, double correlation);
/* The share of correlated numbers below each i / n, 0 <= i <= n. 0 or -ENOMEM. */
int sfe_correlated_cdf(double correlation, uint32_t n, double *cdf);

#ifdef __cplusplus
}
#endif

#endif
