/* SPDX-License-Identifier: MIT */
/* What the kernel says of a netem (TCA_OPTIONS), read back and compared. */
#include <linux/netlink.h>

#include "shaper/netem.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sfe_link_spec spec = {.rate_bps = 300000000,
		.delay = {.law = SFE_DELAY_CONSTANT, .a_ns = 2000000},
		.queue_ns = 100000000};
	struct sfe_error err = {0};

	if (size > 4096)
		return 0;
	/* Memory of just that size, so that whatever reads beyond is seen. */
	struct nlattr *options = malloc(sizeof(*options) + size);
	CHECK(options);
	options->nla_len = (uint16_t)(sizeof(*options) + size);
	options->nla_type = 2;
	memcpy(options + 1, data, size);
	int rc = sfe_netem_compare(options, &spec, 1500, "link", &err);
	if (rc)
		check_error(&err, rc);
	free(options);
	return 0;
}
