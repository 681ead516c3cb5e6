/* SPDX-License-Identifier: MIT */
/* Delay laws as text; tables of samples, which are files, belong to another way in. */
#include "sfemu/delay.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char buf[SFE_DELAY_TEXT];
	struct sfe_delay law, again;
	struct sfe_error err = {0};
	char text[256];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	int rc = sfe_delay_parse(text, NULL, NULL, &law, &err);
	if (rc) {
		check_error(&err, rc);
		return 0;
	}
	CHECK(!sfe_delay_parse(sfe_delay_format(&law, buf), NULL, NULL, &again, NULL));
	CHECK(sfe_delay_equal(&law, &again));
	CHECK(sfe_delay_mean(&law) >= 0);
	double low = sfe_delay_quantile(&law, 0.01), high = sfe_delay_quantile(&law, 0.99);
	CHECK(low >= 0 && low <= high);
	return 0;
}
