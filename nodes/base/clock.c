/* SPDX-License-Identifier: MIT */
#include "nodes/base/clock.h"

struct sfe_kept_time sfe_kept_time;
