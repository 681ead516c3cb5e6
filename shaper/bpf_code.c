/* SPDX-License-Identifier: MIT */
#include "shaper/bpf_code.h"

void sfe_bpf_put(struct sfe_bpf_code *c, int code, int dst, int src, int off, int32_t imm)
{
	c->insn[c->n++] = (struct bpf_insn){.code = (uint8_t)code,
		.dst_reg = dst & 15,
		.src_reg = src & 15,
		.off = (int16_t)off,
		.imm = imm};
}

int sfe_bpf_put_lookup(struct sfe_bpf_code *c, int map, int key)
{
	sfe_bpf_put(c, BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, key, -4, 0);
	sfe_bpf_put(c, BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map);
	sfe_bpf_put(c, 0, 0, 0, 0, 0);
	sfe_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0);
	sfe_bpf_put(c, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4);
	sfe_bpf_put(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	sfe_bpf_put(c, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 0, 0);
	return c->n - 1;
}

void sfe_bpf_land(struct sfe_bpf_code *c, int jump)
{
	c->insn[jump].off = (int16_t)(c->n - jump - 1);
}

void sfe_bpf_to_end(struct sfe_bpf_code *c, int jump)
{
	c->to_end[c->n_to_end++] = jump;
}

void sfe_bpf_put_end(struct sfe_bpf_code *c, int32_t value)
{
	for (int i = 0; i < c->n_to_end; i++)
		sfe_bpf_land(c, c->to_end[i]);
	sfe_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, value);
	sfe_bpf_put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}
