/* SPDX-License-Identifier: MIT */
/*
 * bpf(2), as much of it as counting packets needs: eight calls, no library. Descriptors are the
 * caller's. Errors are negative errnos.
 */
#ifndef SFE_SHAPER_BPF_H
#define SFE_SHAPER_BPF_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

#define SFE_BPF_MAPS 4u /* that a program has, at most */

/* An array of n values. */
int sfe_bpf_array(const char *name, uint32_t value_size, uint32_t n);
/* All n values of an array; a frozen one is never written again. */
int sfe_bpf_array_write(int map, const void *values, uint32_t n);
int sfe_bpf_array_read(int map, void *values, uint32_t value_size, uint32_t n);
int sfe_bpf_freeze(int map);
int sfe_bpf_map_info(int map, struct bpf_map_info *info);

/* A program for tc. what: filled with the verifier's last words where it refuses. */
int sfe_bpf_program(
	const char *name, const struct bpf_insn *insns, uint32_t n, char *what, size_t size);
int sfe_bpf_program_by_id(uint32_t id);
/* The map of that name of a program; -ENOENT if it has none. */
int sfe_bpf_map_of(int program, const char *name);

#endif
