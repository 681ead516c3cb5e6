/* SPDX-License-Identifier: MIT */
/* The memory in which workers leave what `keep: states` asks for, until the lab has written it. */
#ifndef SFE_RUN_KEEP_MEMORY_H
#define SFE_RUN_KEEP_MEMORY_H

#include "nodes/base/deployment.h"
#include "sfemu/error.h"

int sfe_keep_open(struct sfe_keep *keep, struct sfe_error *err);
/* Also of one that is all zero. */
void sfe_keep_close(struct sfe_keep *keep);

#endif
