/* SPDX-License-Identifier: MIT */
/* Lists of packets by number. */
#include "sfemu/packet_list.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sfe_packet_list list = {0};
	struct sfe_error err = {0};
	uint64_t packets = 0;
	int rc = sfe_packet_list_parse((const char *)data, size, "list", &list, &err);

	if (rc) {
		check_error(&err, rc);
		free(list.range);
		return 0;
	}
	CHECK(list.n);
	for (uint32_t i = 0; i < list.n; i++) {
		const struct sfe_packet_range *r = &list.range[i];
		CHECK(r->first >= 1 && r->first <= r->last && r->last <= SFE_MAX_PACKET_NUMBER);
		CHECK(!i || r->first > r[-1].last + 1);
		CHECK(sfe_packet_list_has(&list, r->first) && sfe_packet_list_has(&list, r->last));
		packets += r->last - r->first + 1;
	}
	CHECK(packets == list.packets);
	CHECK(!list.period || list.period >= list.range[list.n - 1].last);
	double mean = sfe_packet_list_mean(&list);
	CHECK(mean >= 0 && mean <= 1);
	free(list.range);
	return 0;
}
