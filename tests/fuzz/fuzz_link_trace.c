/* SPDX-License-Identifier: MIT */
/* Recorded links: the first byte chooses the format, a loop and the window. */
#include "sfemu/delay.h"
#include "sfemu/link_trace.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sfe_link_trace t = {0};
	struct sfe_error err = {0};

	if (!size)
		return 0;
	t.format = (enum sfe_trace_format)(data[0] & 3);
	t.loops = t.format == SFE_TRACE_MAHIMAHI || data[0] & 4;
	t.window_ns = (1 + (data[0] >> 3)) * 1000000ull;
	int rc = sfe_link_trace_parse((const char *)data + 1, size - 1, "trace", &t, &err);
	if (rc) {
		check_error(&err, rc);
	} else {
		CHECK(t.n && t.step[t.n - 1].at_ns <= t.period_ns);
		for (uint32_t i = 0; i < t.n; i++) {
			uint64_t rate = t.step[i].rate_bps, delay = t.step[i].delay_ns;
			CHECK(!i || t.step[i].at_ns > t.step[i - 1].at_ns);
			CHECK(rate == SFE_TRACE_KEEP || (rate >= 1000 && rate <= 100000000000));
			CHECK(t.step[i].loss <= 1);
			CHECK(!t.step[i].outage_ns || (t.outages && rate != SFE_TRACE_KEEP));
			CHECK(delay == SFE_TRACE_KEEP || delay <= SFE_MAX_DELAY_NS);
		}
		CHECK(!t.loops || t.period_ns);
	}
	sfe_link_trace_clear(&t);
	return 0;
}
