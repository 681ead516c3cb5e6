/* SPDX-License-Identifier: MIT */
#include "emu/run/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/experiment/capture_check.h"
#include "emu/experiment/capture_filter.h"
#include "emu/results/capture_files.h"
#include "emu/results/results_file.h"
#include "emu/results/table_columns.h"
#include "emu/security/beneath.h"

/*
 * The kernel delivers packets in blocks: when a block is full, and at this interval. A wake-up
 * costs wall time in a guest, but no virtual time. Packets are timestamped before that.
 */
#define HAND_OVER_REAL_MS 100
#define HAND_OVER_VIRTUAL_MS 1000

struct point {
	struct sfe_capture_file_row row;
	uint32_t host;
	uint32_t group; /* the points of one link or node share a number */
	pcap_t *pcap;
	struct sfe_capture_writer writer;
};

struct capturer {
	const struct sfe_experiment *e;
	const struct sfe_net *net;
	struct point *points;
	uint32_t n;
	int results_fd, hand_over_ms;
	struct sfe_error *err;
};

/* ---- capture points */

static struct point *add_point(struct capturer *c, const char *what, const char *name,
	uint32_t host, const char *interface, const char *direction)
{
	struct point *more = reallocarray(c->points, c->n + 1, sizeof(*more));

	if (!more)
		return NULL;
	c->points = more;
	struct point *p = &more[c->n++];
	*p = (struct point){.host = host};
	snprintf(p->row.file, sizeof(p->row.file), "captures/%s%s.pcap", name,
		c->e->scenario->capture.file_bytes ? ".N" : "");
	snprintf(p->row.what, sizeof(p->row.what), "%s", what);
	snprintf(p->row.name, sizeof(p->row.name), "%s", name);
	snprintf(p->row.host, sizeof(p->row.host), "%s", c->e->plan->hosts[host].name);
	snprintf(p->row.interface, sizeof(p->row.interface), "%s", interface);
	snprintf(p->row.direction, sizeof(p->row.direction), "%s", direction);
	if (c->e->scenario->capture.filter)
		snprintf(
			p->row.filter, sizeof(p->row.filter), "%s", c->e->scenario->capture.filter);
	return p;
}

/* Captures where packets leave the medium's queue; at its entry, if the medium shapes nothing. */
static bool add_medium(struct capturer *c, uint32_t link, uint32_t host)
{
	const struct sfe_plan *plan = c->e->plan;
	const struct sfe_link_spec *spec = &c->e->link[SFE_DIRECTIONS * link];
	const char *name = c->e->topology->links[link].name;
	const struct sfe_host *h = &plan->hosts[host];
	char interface[SFE_IFNAME_SIZE];
	bool good = true;

	if (!sfe_shaper_shapes(&spec[SFE_UP])) {
		for (uint32_t i = 0; i < h->n_ports && good; i++) {
			const struct sfe_port *port = &h->ports[i];
			good = add_point(c, "link", name, host,
				plan->cables[port->cable].end[port->side].ifname, "in");
		}
		return good;
	}
	for (int d = 0; d <= spec[SFE_UP].full_duplex && good; d++) {
		snprintf(interface, sizeof(interface), SFE_IFB_NAME "%d", d);
		good = add_point(c, "link", name, host, interface, "out");
	}
	return good;
}

static bool add_link(struct capturer *c, uint32_t link)
{
	const struct sfe_plan *plan = c->e->plan;
	const char *name = c->e->topology->links[link].name;
	uint32_t medium = plan->host_of_vertex[c->e->topology->n_nodes + link];
	bool good = true;

	if (medium != SFE_NONE) {
		good = add_medium(c, link, medium);
	} else {
		for (uint32_t i = 0; i < 2 * plan->n_cables && good; i++) {
			const struct sfe_cable *cable = &plan->cables[i / 2];
			const struct sfe_cable_end *far = &cable->end[!(i % 2)];
			if (cable->end[i % 2].link == link)
				good = add_point(c, "link", name, far->host, far->ifname, "in");
		}
	}
	return good;
}

static bool add_host(struct capturer *c, uint32_t h)
{
	const struct sfe_host *host = &c->e->plan->hosts[h];
	bool good = true;

	for (uint32_t i = 0; i < host->n_ports && good; i++) {
		const struct sfe_port *port = &host->ports[i];
		const char *interface = c->e->plan->cables[port->cable].end[port->side].ifname;
		good = add_point(c, "node", host->name, h, interface, "both");
	}
	return good;
}

static bool has_group(const struct capturer *c, const char *name)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (!strcmp(c->points[i].row.name, name))
			return true;
	return false;
}

static int list_points(struct capturer *c)
{
	const struct sfe_scenario *s = c->e->scenario;
	bool good = true;

	for (uint32_t i = 0; i < s->capture.n && good; i++) {
		uint32_t link, host;
		bool all = !strcmp(s->capture.of[i], "all");
		for (uint32_t l = 0; all && l < c->e->topology->n_links && good; l++)
			if (!has_group(c, c->e->topology->links[l].name))
				good = add_link(c, l);
		if (all || has_group(c, s->capture.of[i]) ||
			!sfe_capture_find(c->e, s->capture.of[i], &link, &host))
			continue;
		good = link != SFE_NONE ? add_link(c, link) : add_host(c, host);
	}
	return good ? 0 : sfe_fail(c->err, -ENOMEM, NULL, NULL, "out of memory");
}

uint32_t sfe_capture_points(const struct sfe_experiment *e)
{
	struct capturer c = {.e = e};

	if (!e->scenario->capture.n || list_points(&c))
		c.n = 0;
	free(c.points);
	return c.n;
}

static int snap_bytes(const struct sfe_scenario *s)
{
	return s->capture.snap_bytes ? (int)s->capture.snap_bytes : SFE_CAPTURE_WHOLE_PACKET;
}

int sfe_capture_rows(const struct sfe_experiment *e, struct sfe_capture_file_row **rows,
	uint32_t *n, struct sfe_error *err)
{
	struct capturer c = {.e = e, .err = err};
	int r = e->scenario->capture.n ? list_points(&c) : 0;

	*rows = NULL;
	if (!r && c.n && !(*rows = calloc(c.n, sizeof(**rows))))
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	*n = r ? 0 : c.n;
	for (uint32_t i = 0; i < *n; i++)
		(*rows)[i] = c.points[i].row;
	free(c.points);
	return r;
}

int sfe_capture_merge(
	const struct sfe_experiment *e, int results_fd, uint64_t most_bytes, struct sfe_error *err)
{
	const struct sfe_scenario *s = e->scenario;
	struct sfe_capture_file_row *rows;
	uint32_t n;
	int r = sfe_capture_rows(e, &rows, &n, err);
	const struct sfe_capture_merge plan = {.rows = rows,
		.n = n,
		.snap_bytes = snap_bytes(s),
		.file_bytes = s->capture.file_bytes,
		.files = s->capture.files,
		.most_bytes = most_bytes};

	if (!r && n)
		r = sfe_capture_put_together(results_fd, &plan, err);
	free(rows);
	return r;
}

/* ---- the process that captures */

static int fail_point(const struct capturer *c, const struct point *p, const char *what)
{
	return sfe_fail(c->err, -EIO, p->row.host,
		"is this allowed here? packet sockets need CAP_NET_RAW",
		"cannot capture on %s: %s: %s", p->row.interface, what, pcap_geterr(p->pcap));
}

static int open_point(struct capturer *c, struct point *p)
{
	const struct sfe_scenario *s = c->e->scenario;
	char text[PCAP_ERRBUF_SIZE] = "";
	struct bpf_program program;
	int r = sfe_net_enter(c->net, p->host, c->err);

	if (r)
		return r;
	p->pcap = pcap_create(p->row.interface, text);
	if (!p->pcap)
		return sfe_fail(c->err, -EIO, p->row.host, NULL, "cannot capture on %s: %s",
			p->row.interface, text);
	pcap_set_snaplen(p->pcap, snap_bytes(s));
	pcap_set_buffer_size(p->pcap, SFE_CAPTURE_RING_BYTES);
	pcap_set_timeout(p->pcap, c->hand_over_ms);
	pcap_set_tstamp_precision(p->pcap, PCAP_TSTAMP_PRECISION_NANO);
	if (pcap_activate(p->pcap) < 0)
		return fail_point(c, p, "activate");
	if (pcap_setnonblock(p->pcap, 1, text))
		return fail_point(c, p, text);
	pcap_direction_t path = p->row.direction[0] == 'i'   ? PCAP_D_IN
				: p->row.direction[0] == 'o' ? PCAP_D_OUT
							     : PCAP_D_INOUT;
	if (pcap_setdirection(p->pcap, path))
		return fail_point(c, p, "direction");
	if (s->capture.filter) {
		if (sfe_capture_compile(p->pcap, s->capture.filter, &program) ||
			pcap_setfilter(p->pcap, &program))
			return fail_point(c, p, "filter");
		pcap_freecode(&program);
	}
	return sfe_capture_writer_open(&p->writer, c->results_fd, (uint32_t)(p - c->points),
		pcap_snapshot(p->pcap), s->capture.file_bytes, s->capture.files, c->err);
}

static int write_table(struct capturer *c)
{
	FILE *f = sfe_results_open(c->results_fd, sfe_captures_csv.file, "w", c->err);

	if (!f)
		return -EIO;
	sfe_table_write_header(&sfe_captures_csv, f);
	for (uint32_t i = 0; i < c->n; i++)
		sfe_table_write_row(&sfe_captures_csv, &c->points[i].row, f);
	return sfe_results_close(f, sfe_captures_csv.file, c->err);
}

static int open_all(struct capturer *c)
{
	int r = list_points(c);

	r = r ? r : sfe_beneath_folder(c->results_fd, "captures", c->err);
	for (uint32_t i = 0; i < c->n && !r; i++)
		r = open_point(c, &c->points[i]);
	/* Without counts yet, so that the captures of a killed run can be merged too. */
	return r ? r : write_table(c);
}

static void on_packet(u_char *arg, const struct pcap_pkthdr *header, const u_char *data)
{
	struct point *p = (struct point *)arg;

	p->row.packets++;
	sfe_capture_writer_put(&p->writer, header, data);
}

/* Reads all packets in a point's ring. */
static int drain_point(struct capturer *c, struct point *p)
{
	int n, all = 0;

	do {
		n = pcap_dispatch(p->pcap, -1, on_packet, (u_char *)p);
		all += n > 0;
	} while (n > 0);
	if (n < 0)
		return fail_point(c, p, "read");
	/* A run that is killed has what was handed over. */
	if (all)
		sfe_capture_writer_flush(&p->writer);
	return p->writer.code ? sfe_fail(c->err, p->writer.code, p->row.file, "is the disk full?",
					"cannot write the capture: %s", strerror(-p->writer.code))
			      : 0;
}

/* Runs until the other side closes `stop`. */
static int loop(struct capturer *c, int stop)
{
	int ep = epoll_create1(EPOLL_CLOEXEC), r = 0;
	struct epoll_event events[64], e = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
	bool stopped = false;

	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, stop, &e))
		return sfe_fail(c->err, -errno, NULL, NULL, "epoll: %s", strerror(errno));
	for (uint32_t i = 0; i < c->n; i++) {
		e.data.u32 = i;
		if (epoll_ctl(ep, EPOLL_CTL_ADD, pcap_get_selectable_fd(c->points[i].pcap), &e))
			return sfe_fail(c->err, -errno, NULL, NULL, "epoll: %s", strerror(errno));
	}
	while (!stopped && !r) {
		int n = epoll_wait(ep, events, 64, -1);
		if (n < 0 && errno != EINTR)
			return sfe_fail(
				c->err, -errno, NULL, NULL, "epoll_wait: %s", strerror(errno));
		for (int i = 0; i < n && !r; i++) {
			if (events[i].data.u32 == UINT32_MAX)
				stopped = true;
			else
				r = drain_point(c, &c->points[events[i].data.u32]);
		}
	}
	close(ep);
	/* Blocks that are not full are delivered after their interval. */
	poll(NULL, 0, 2 * c->hand_over_ms);
	for (uint32_t i = 0; i < c->n && !r; i++)
		r = drain_point(c, &c->points[i]);
	return r;
}

static void count_drops(struct capturer *c, uint64_t *dropped)
{
	struct pcap_stat stat;

	for (uint32_t i = 0; i < c->n; i++) {
		struct point *p = &c->points[i];
		if (!pcap_stats(p->pcap, &stat))
			p->row.dropped_packets = stat.ps_drop;
		*dropped += p->row.dropped_packets;
	}
}

/* Messages of the capturing process: one when it is listening, one at the end. */
struct report {
	int code;
	uint64_t dropped;
	struct sfe_error error;
};

static void send_report(int fd, int code, uint64_t dropped, const struct sfe_error *err)
{
	struct report r = {code, dropped, *err};

	if (write(fd, &r, sizeof(r)) != sizeof(r))
		_exit(1);
}

static _Noreturn void capture_process(struct capturer *c, int stop, int report)
{
	struct sfe_error err = {0};
	uint64_t dropped = 0;

	c->err = &err;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "sfemu-capture");
	int r = open_all(c);
	send_report(report, r, 0, &err);
	if (r)
		_exit(1);
	r = loop(c, stop);
	count_drops(c, &dropped);
	for (uint32_t i = 0; i < c->n; i++) {
		pcap_close(c->points[i].pcap);
		int closed = sfe_capture_writer_close(&c->points[i].writer);
		if (!r && closed)
			r = sfe_fail(&err, closed, c->points[i].row.file, "is the disk full?",
				"cannot write the capture: %s", strerror(-closed));
	}
	r = r ? r : write_table(c);
	send_report(report, r, dropped, &err);
	_exit(r ? 1 : 0);
}

/* ---- the lab's side */

static int read_report(struct sfe_capturing *c, uint64_t *dropped, struct sfe_error *err)
{
	struct report r;
	ssize_t n;

	do {
		n = read(c->report, &r, sizeof(r));
	} while (n < 0 && errno == EINTR);
	if (n != sizeof(r))
		return sfe_fail(err, -ECHILD, "capture", NULL, "the process that captures died");
	if (r.code && err)
		*err = r.error;
	*dropped = r.dropped;
	return r.code;
}

static void close_capturing(struct sfe_capturing *c)
{
	if (c->stop >= 0)
		close(c->stop);
	if (c->report >= 0)
		close(c->report);
	waitpid(c->pid, NULL, 0);
	*c = (struct sfe_capturing){0};
}

int sfe_capture_start(const struct sfe_experiment *e, const struct sfe_net *net, int results_fd,
	bool real_clock, struct sfe_capturing *out, struct sfe_error *err)
{
	struct capturer c = {.e = e,
		.net = net,
		.results_fd = results_fd,
		.hand_over_ms = real_clock ? HAND_OVER_REAL_MS : HAND_OVER_VIRTUAL_MS};
	int stop[2], report[2];
	uint64_t none;

	*out = (struct sfe_capturing){0};
	if (!e->scenario->capture.n)
		return 0;
	if (pipe2(stop, O_CLOEXEC) || pipe2(report, O_CLOEXEC))
		return sfe_fail(err, -errno, NULL, NULL, "cannot make a pipe: %s", strerror(errno));
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(stop[1]);
		close(report[0]);
		capture_process(&c, stop[0], report[1]);
	}
	int code = errno;
	close(stop[0]);
	close(report[1]);
	*out = (struct sfe_capturing){pid, stop[1], report[0]};
	if (pid < 0) {
		close(stop[1]);
		close(report[0]);
		*out = (struct sfe_capturing){0};
		return sfe_fail(err, -code, NULL, NULL, "cannot fork: %s", strerror(code));
	}
	int r = read_report(out, &none, err);
	if (r)
		close_capturing(out);
	return r;
}

int sfe_capture_end(struct sfe_capturing *c, uint64_t *dropped, struct sfe_error *err)
{
	*dropped = 0;
	if (!c->pid)
		return 0;
	close(c->stop);
	c->stop = -1;
	int r = read_report(c, dropped, err);
	close_capturing(c);
	return r;
}
