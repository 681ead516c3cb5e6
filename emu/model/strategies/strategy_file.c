/* SPDX-License-Identifier: MIT */
#include "emu/model/strategies/strategy_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/shared_object.h"
#include "emu/model/strategies/strategy_options.h"

static bool no_carries(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	(void)job, (void)state, (void)from, (void)to;
	abort();
}

static uint32_t no_keeper(const struct sfe_placed_job *job, uint32_t state, uint32_t step)
{
	(void)job, (void)state, (void)step;
	abort();
}

static bool flag(const unsigned char *raw, size_t offset)
{
	return raw[offset] != 0; /* a bool with another byte than 0 or 1 must not be read as one */
}

static int take_flags(
	const unsigned char *raw, struct sfe_strategy_info *out, struct sfe_error *err)
{
#define FLAG(name) .name = flag(raw, offsetof(struct sfe_strategy_info, name))
	unsigned store;

	memcpy(&store, raw + offsetof(struct sfe_strategy_info, store), sizeof(store));
	if (store > SFE_STORE_CLOUD)
		return sfe_fail(err, -EINVAL, NULL, "write a value of enum sfe_store",
			"its store is none that there is");
	*out = (struct sfe_strategy_info){.abi = SFE_STRATEGY_ABI,
		.store = (enum sfe_store)store,
		FLAG(client_invokes),
		FLAG(created_on_use),
		FLAG(names_keepers),
		FLAG(restarts),
		FLAG(resumes),
		FLAG(copies)};
	memcpy(&out->options, raw + offsetof(struct sfe_strategy_info, options),
		sizeof(out->options));
	if (!sfe_strategy_options_valid(&out->options))
		return sfe_fail(err, -EINVAL, NULL, "write values of sfemu/strategy.h",
			"its options are none that there are");
	return 0;
#undef FLAG
}

/* Pointers that relocations set are known from those: the file is not loaded. What has a rule here
 * has it in workers; the rule itself is not called here. */
static int take_rules(const struct sfe_shared_object *o, uint64_t address,
	struct sfe_strategy_info *out, struct sfe_error *err)
{
	bool carries =
		sfe_shared_object_points(o, address + offsetof(struct sfe_strategy_info, carries));
	bool keeper =
		sfe_shared_object_points(o, address + offsetof(struct sfe_strategy_info, keeper));

	out->carries = carries ? no_carries : NULL;
	out->keeper = keeper ? no_keeper : NULL;
	if (carries == keeper)
		return sfe_fail(err, -EINVAL, NULL,
			"give SFE_STRATEGY(…) one of them: .carries or .keeper", "it has %s",
			carries ? "both rules" : "no rule");
	return sfe_strategy_options_fit(out)
		       ? 0
		       : sfe_fail(err, -EINVAL, NULL, "omit .options, or write .keeper",
				 "its options are for states that are fetched, or for steps that "
				 "call each other");
}

int sfe_strategy_file_read(
	const char *bytes, size_t size, struct sfe_strategy_info *out, struct sfe_error *err)
{
	struct sfe_shared_object o;
	unsigned char raw[sizeof(*out)];
	struct sfe_shared_symbol symbol;
	unsigned abi;
	int r = sfe_shared_object_open(bytes, size, &o, err);

	if (r)
		return r;
	if (!sfe_shared_object_find(&o, SFE_STRATEGY_SYMBOL, &symbol) ||
		!sfe_shared_object_read(&o, symbol.address, &abi, sizeof(abi)))
		return sfe_fail(err, -EINVAL, NULL,
			"write SFE_STRATEGY(…) at the end of its source", "it names no strategy");
	if (abi != SFE_STRATEGY_ABI)
		return sfe_fail(err, -EINVAL, NULL,
			"build it again with the sfemu/strategy.h of this sfemu",
			"it is for version %u of the interface, this sfemu has %u", abi,
			SFE_STRATEGY_ABI);
	if (symbol.bytes < sizeof(raw) ||
		!sfe_shared_object_read(&o, symbol.address, raw, sizeof(raw)))
		return sfe_fail(err, -EINVAL, NULL, sfe_shared_object_build,
			"what it names is no strategy");
	r = take_flags(raw, out, err);
	return r ? r : take_rules(&o, symbol.address, out, err);
}
