/* SPDX-License-Identifier: MIT */
/*
 * A manual change of links: lines "NAME" or "-", "ACT", settings. What is taken changes all that
 * it names to what a link can be, or nothing; and the same again changes nothing more.
 */
#include "emu/model/schedule/manual_change.h"
#include "tests/fuzz/fuzz.h"

static const struct sfe_link links[] = {
	{.name = "up_0", .kind = SFE_LINK_UPLINK},
	{.name = "link_0", .kind = SFE_LINK_NODE},
	{.name = "radio_0", .kind = SFE_LINK_SHARED},
};
static const bool present[] = {true, false, true, true, true, true};
static const struct sfe_schedule nothing;

static int look(const struct sfe_schedule_change *change, void *arg)
{
	const char *attribute;

	CHECK(change->link < 3 && memchr(change->what, 0, sizeof(change->what)));
	CHECK(!sfe_link_check(change->spec, 1500, &attribute, NULL));
	++*(unsigned *)arg;
	return 0;
}

static void act(const struct sfe_schedule_entry *e)
{
	struct sfe_link_spec spec[6], after[6];
	struct sfe_error err = {0};
	struct sfe_player *p;
	unsigned looked = 0, done = 0;

	for (int i = 0; i < 6; i++)
		spec[i] = (struct sfe_link_spec){.rate_bps = 10000000, .queue_ns = 100000000};
	struct sfe_schedule_links on = {
		.n = 3, .link = links, .spec = spec, .present = present, .mtu = 1500};
	CHECK(!sfe_player_new(&nothing, &on, &p, NULL));
	int rc = sfe_player_apply(p, e, 0, look, look, &looked, &err);
	memcpy(after, sfe_player_specs(p), sizeof(after));
	if (rc) {
		check_error(&err, rc);
		CHECK(!memcmp(after, spec, sizeof(spec)));
	} else {
		CHECK(looked && looked % 2 == 0);
		CHECK(!sfe_player_apply(p, e, 0, NULL, look, &done, NULL) && 2 * done == looked);
		CHECK(!memcmp(after, sfe_player_specs(p), sizeof(after)));
	}
	sfe_player_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *word[SFE_MANUAL_CHANGE_SETTINGS + 4];
	char *save = NULL, *text = part_text((struct part){(const char *)data, size});
	struct sfe_link_files files = {0};
	struct sfe_schedule_entry e;
	struct sfe_error err = {0};
	uint32_t n = 0;

	for (char *line = strtok_r(text, "\n", &save); line && n < SFE_MANUAL_CHANGE_SETTINGS + 4;
		line = strtok_r(NULL, "\n", &save))
		word[n++] = line;
	if (n >= 2) {
		const struct sfe_manual_change h = {.link = strcmp(word[0], "-") ? word[0] : NULL,
			.kind = strcmp(word[0], "-") ? NULL : "shared",
			.act = word[1],
			.setting = word + 2,
			.n = n - 2,
			.folder = "/nowhere"};
		int rc = sfe_manual_change_read(&h, &files, &e, &err);
		if (rc) {
			check_error(&err, rc);
		} else {
			act(&e);
			sfe_manual_change_free(&e);
		}
	}
	sfe_link_files_free(&files);
	free(text);
	return 0;
}
