/* SPDX-License-Identifier: MIT */
#include "emu/net/port_count.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shaper/bpf.h"
#include "shaper/bpf_code.h"

#define IP ((int)sizeof(struct ethhdr))

static void end_unless(struct sfe_bpf_code *c, int reg, int32_t value)
{
	sfe_bpf_put(c, BPF_JMP | BPF_JNE | BPF_K, reg, 0, 0, value);
	sfe_bpf_to_end(c, c->n - 1);
}

/* r0 = the frame's big-endian value at an offset, as a number; a shorter frame ends the program. */
static void load(struct sfe_bpf_code *c, int size, int offset)
{
	sfe_bpf_put(c, BPF_LD | BPF_ABS | size, 0, 0, 0, offset);
}

/* r8: the index of the array's entry. Frames that leave count on IFB devices only, and those that
 * arrive on ports only: others have an index that the array does not have. */
static void put_index(struct sfe_bpf_code *c, uint32_t n_ports)
{
	sfe_bpf_put(c, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_1, BPF_REG_6,
		offsetof(struct __sk_buff, pkt_type), 0);
	sfe_bpf_put(c, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_8, BPF_REG_6,
		offsetof(struct __sk_buff, ifindex), 0);
	sfe_bpf_put(c, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_1, 0, 2, PACKET_OUTGOING);
	sfe_bpf_put(c, BPF_ALU | BPF_SUB | BPF_K, BPF_REG_8, 0, 0,
		(int32_t)SFE_IFB_INDEX - (int32_t)n_ports);
	sfe_bpf_put(c, BPF_JMP | BPF_JA, 0, 0, 1, 0);
	sfe_bpf_put(c, BPF_ALU | BPF_SUB | BPF_K, BPF_REG_8, 0, 0, SFE_FIRST_PORT_INDEX);
}

/* Ends unless the frame is of TCP from or to the port. */
static void put_match(struct sfe_bpf_code *c, uint16_t port)
{
	load(c, BPF_H, offsetof(struct ethhdr, h_proto));
	end_unless(c, BPF_REG_0, ETH_P_IP);
	load(c, BPF_B, IP + 9);
	end_unless(c, BPF_REG_0, IPPROTO_TCP);
	load(c, BPF_H, IP + 6);
	sfe_bpf_put(c, BPF_ALU | BPF_AND | BPF_K, BPF_REG_0, 0, 0, 0x1fff);
	end_unless(c, BPF_REG_0, 0);
	load(c, BPF_B, IP);
	sfe_bpf_put(c, BPF_ALU | BPF_AND | BPF_K, BPF_REG_0, 0, 0, 15);
	sfe_bpf_put(c, BPF_ALU | BPF_LSH | BPF_K, BPF_REG_0, 0, 0, 2);
	sfe_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_7, BPF_REG_0, 0, 0);
	sfe_bpf_put(c, BPF_LD | BPF_IND | BPF_H, 0, BPF_REG_7, 0, IP);
	sfe_bpf_put(c, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 2, port);
	sfe_bpf_put(c, BPF_LD | BPF_IND | BPF_H, 0, BPF_REG_7, 0, IP + 2);
	end_unless(c, BPF_REG_0, port);
}

static void put_add(struct sfe_bpf_code *c, int map)
{
	sfe_bpf_to_end(c, sfe_bpf_put_lookup(c, map, BPF_REG_8));
	sfe_bpf_put(c, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_1, BPF_REG_6,
		offsetof(struct __sk_buff, len), 0);
	sfe_bpf_put(c, BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1,
		offsetof(struct sfe_port_sum, bytes), BPF_ADD);
	sfe_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1);
	sfe_bpf_put(c, BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1,
		offsetof(struct sfe_port_sum, packets), BPF_ADD);
}

static int load_program(
	int map, uint32_t n_ports, uint16_t port, const char *where, struct sfe_error *err)
{
	struct sfe_bpf_code c = {.n = 0};
	char log[256] = "";

	sfe_bpf_put(&c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0);
	put_index(&c, n_ports);
	put_match(&c, port);
	put_add(&c, map);
	sfe_bpf_put_end(&c, 0);
	int r = sfe_bpf_socket_filter("sfemu_port", c.insn, (uint32_t)c.n, log, sizeof(log));
	return r < 0 ? sfe_fail(err, r, where, NULL,
			       "cannot count the workers' traffic apart (does this kernel have "
			       "BPF?): "
			       "%s %s",
			       strerror(-r), log)
		     : r;
}

/* Binds after the filter is there, so that the first frame meets it. */
static int bind_filter(int fd, int program, int ifindex, bool leaving)
{
	const struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = ifindex};
	int ignore = !leaving;

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)) ||
		setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &ignore, sizeof(ignore)) ||
		bind(fd, (const struct sockaddr *)&at, sizeof(at)))
		return -errno;
	return 0;
}

static int add_socket(struct sfe_port_count *p, int program, int ifindex, bool leaving)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? -errno : bind_filter(fd, program, ifindex, leaving);

	if (r && fd >= 0)
		close(fd);
	else if (!r)
		p->socket[p->n++] = fd;
	return r;
}

/* In the host's namespace. */
static int add_sockets(
	struct sfe_port_count *p, const struct sfe_host *host, int program, struct sfe_error *err)
{
	char name[IF_NAMESIZE];
	int r = 0;

	for (uint32_t i = 0; i < host->n_ports && !r; i++)
		r = add_socket(p, program, SFE_FIRST_PORT_INDEX + (int)i, false);
	/* A medium that shapes nothing has no IFB devices. */
	for (int d = 0; d < SFE_DIRECTIONS && host->kind == SFE_HOST_MEDIUM && !r; d++)
		if (if_indextoname((unsigned)(SFE_IFB_INDEX + d), name))
			r = add_socket(p, program, SFE_IFB_INDEX + d, true);
	return r ? sfe_fail(err, r, host->name, NULL, "cannot count the workers' traffic apart: %s",
			   strerror(-r))
		 : 0;
}

static int start_host(struct sfe_net *net, uint32_t h, uint16_t port, struct sfe_error *err)
{
	const struct sfe_host *host = &net->plan->hosts[h];
	struct sfe_port_count *p = net->port;

	p->map[h] = sfe_bpf_array(
		"sfemu_port", sizeof(struct sfe_port_sum), host->n_ports + SFE_DIRECTIONS);
	if (p->map[h] < 0)
		return sfe_fail(err, p->map[h], host->name, NULL,
			"cannot count the workers' traffic apart (does this kernel have BPF?): %s",
			strerror(-p->map[h]));
	int program = load_program(p->map[h], host->n_ports, port, host->name, err);
	if (program < 0)
		return program;
	int r = sfe_net_enter(net, h, err);
	if (!r) {
		r = add_sockets(p, host, program, err);
		int back = sfe_net_leave(net, r ? NULL : err);
		r = r ? r : back;
	}
	close(program);
	return r;
}

int sfe_net_port_start(struct sfe_net *net, uint16_t port, struct sfe_error *err)
{
	const struct sfe_plan *plan = net->plan;
	struct sfe_port_count *p = calloc(1, sizeof(*p));
	int r = 0;

	net->port = p;
	if (!p)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	p->map = malloc((plan->n_hosts + 1) * sizeof(*p->map));
	for (uint32_t h = 0; h < plan->n_hosts; h++)
		p->room += plan->hosts[h].n_ports + SFE_DIRECTIONS;
	p->socket = calloc(p->room + 1, sizeof(*p->socket));
	if (!p->map || !p->socket)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (; p->n_hosts < plan->n_hosts && !r; p->n_hosts++)
		r = start_host(net, p->n_hosts, port, err);
	if (r)
		sfe_net_port_end(net);
	return r;
}

void sfe_net_port_end(struct sfe_net *net)
{
	struct sfe_port_count *p = net->port;

	net->port = NULL;
	if (!p)
		return;
	for (uint32_t i = 0; i < p->n; i++)
		close(p->socket[i]);
	for (uint32_t h = 0; p->map && h < p->n_hosts; h++)
		if (p->map[h] >= 0)
			close(p->map[h]);
	free(p->socket);
	free(p->map);
	free(p);
}
