/* SPDX-License-Identifier: MIT */
/*
 * Ether's node types, from github.com/edgerun/ether (MIT), commit 19e5ab4: ether/blocks/nodes.py.
 * Ether has no affinity and no clients. The four models of the published study have the study's
 * values. The others follow from the device: an accelerator with CUDA makes the affinity GPU (the
 * Coral's TPU runs no general functions); field devices are clients; servers, NUCs and virtual
 * machines are not.
 */
#include <string.h>

#include "sfemu/topology_builder.h"

static const struct sfe_node_block blocks[] = {
	{"rpi3", "rpi3b+", "arm32", "sbc", 4000, 1023012864, SFE_CPU, true},
	{"rpi4", "rpi4", "arm32v7", "sbc", 4000, 1000000000, SFE_CPU, true},
	{"rockpi", "rockpi4", "aarch64", "sbc", 6000, 4000000000, SFE_CPU, true},
	{"coral", "coral", "aarch64", "sbc", 4000, 1000000000, SFE_CPU, true},
	{"nano", "nvidia_jetson_nano", "aarch64", "embai", 4000, 4000000000, SFE_GPU, true},
	{"tx2", "nvidia_jetson_tx2", "aarch64", "embai", 4000, 8240386048, SFE_GPU, true},
	{"nx", "nvidia_jetson_nx", "aarch64", "embai", 6000, 8000000000, SFE_GPU, true},
	{"nuc", "nuci5", "x86", "sffc", 4000, 17179869184, SFE_CPU, false},
	{"vm", "vm", "x86", "vm", 4000, 8363810816, SFE_CPU, false},
	{"server", "server", "x86", "server", 88000, 188000000000, SFE_CPU, false},
};

const struct sfe_node_block *sfe_node_block(uint32_t i)
{
	return i < sizeof(blocks) / sizeof(blocks[0]) ? &blocks[i] : NULL;
}

const struct sfe_node_block *sfe_node_block_find(const char *what)
{
	for (uint32_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (!strcmp(blocks[i].name, what) || !strcmp(blocks[i].model, what))
			return &blocks[i];
	return NULL;
}
