/* SPDX-License-Identifier: MIT */
/* What a strategy's shared object says of itself: tables of a file that anybody may have written.
 */
#include "emu/model/strategies/strategy_file.h"
#include "tests/fuzz/fuzz.h"

/* A bool of another byte than 0 or 1 is no value. */
static void check_flags(const struct sfe_strategy_info *info)
{
	const bool flags[] = {info->client_invokes, info->created_on_use, info->names_keepers,
		info->restarts, info->resumes, info->copies};
	unsigned char raw[sizeof(flags)];

	memcpy(raw, flags, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++)
		CHECK(raw[i] <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sfe_strategy_info info = {0};
	struct sfe_error err = {0};
	int rc = sfe_strategy_file_read((const char *)data, size, &info, &err);

	if (rc) {
		check_error(&err, rc);
		return 0;
	}
	CHECK(info.abi == SFE_STRATEGY_ABI && info.store <= SFE_STORE_CLOUD);
	CHECK(!info.name && !info.summary && info.carries && info.keeper);
	check_flags(&info);
	return 0;
}
