/* SPDX-License-Identifier: MIT */
/* Puts a BPF program together, instruction by instruction. */
#ifndef SFE_SHAPER_BPF_CODE_H
#define SFE_SHAPER_BPF_CODE_H

#include <linux/bpf.h>
#include <stdint.h>

#define SFE_BPF_MAX_INSNS 512
#define SFE_BPF_MAX_JUMPS 16

/* Begins as {.n = 0}. The caller keeps within the limits. */
struct sfe_bpf_code {
	struct bpf_insn insn[SFE_BPF_MAX_INSNS];
	int n;
	int to_end[SFE_BPF_MAX_JUMPS], n_to_end; /* jumps to what sfe_bpf_put_end makes */
};

void sfe_bpf_put(struct sfe_bpf_code *c, int code, int dst, int src, int off, int32_t imm);
/* r0 = address of map[key], with the key in a register. Returns the jump that is taken if there is
 * no such key. Overwrites r1 to r5. */
int sfe_bpf_put_lookup(struct sfe_bpf_code *c, int map, int key);
/* The jump leads to what comes next. */
void sfe_bpf_land(struct sfe_bpf_code *c, int jump);
/* The jump leads to the end. */
void sfe_bpf_to_end(struct sfe_bpf_code *c, int jump);
/* The end, which returns a value. */
void sfe_bpf_put_end(struct sfe_bpf_code *c, int32_t value);

#endif
