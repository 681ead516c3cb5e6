/* SPDX-License-Identifier: MIT */
/* Spår's tables; from what is taken, values are drawn in both ways. */
#include <math.h>

#include "emu/model/workload/spar_tables.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sfe_quantiles q = {0};
	struct sfe_error err = {0};

	if (!size)
		return 0;
	unsigned table = data[0] % SFE_SPAR_TABLES;
	int rc = sfe_spar_table_parse(table, (const char *)data + 1, size - 1, "table", &q, &err);
	if (rc)
		check_error(&err, rc);
	for (uint32_t key = 0; !rc && key < 40; key += 3)
		for (double u = 0; u < 1; u += 0.199) {
			double value = sfe_quantile_value(&q, key, u);
			double biased = sfe_quantile_published(&q, key, u);

			CHECK(isfinite(value) && value >= 0);
			CHECK(isfinite(biased) && biased >= 0 && biased <= 1e9);
		}
	if (!rc)
		CHECK(isfinite(sfe_quantile_mean(&q)));
	free(q.rows);
	return 0;
}
