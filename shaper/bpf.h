/* SPDX-License-Identifier: MIT */
/*
 * The part of bpf(2) that counting packets needs: nine calls, no library. The caller owns the
 * descriptors that are returned. Errors are negative errnos.
 */
#ifndef SFE_SHAPER_BPF_H
#define SFE_SHAPER_BPF_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

#define SFE_BPF_MAPS 4u /* of a program, at most */

/* Makes an array map of n values. */
int sfe_bpf_array(const char *name, uint32_t value_size, uint32_t n);
/* Write or read all n values of an array. A frozen array can never be written again. */
int sfe_bpf_array_write(int map, const void *values, uint32_t n);
int sfe_bpf_array_read(int map, void *values, uint32_t value_size, uint32_t n);
int sfe_bpf_freeze(int map);
int sfe_bpf_map_info(int map, struct bpf_map_info *info);

/* Loads a program for tc. If the verifier refuses it, what gets the end of the verifier's log. */
int sfe_bpf_program(
	const char *name, const struct bpf_insn *insns, uint32_t n, char *what, size_t size);
/* The same for packet sockets. */
int sfe_bpf_socket_filter(
	const char *name, const struct bpf_insn *insns, uint32_t n, char *what, size_t size);
int sfe_bpf_program_by_id(uint32_t id);
/* The map of that name of a program; -ENOENT if it has none. */
int sfe_bpf_map_of(int program, const char *name);

#endif
