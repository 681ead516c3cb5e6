/* SPDX-License-Identifier: MIT */
/* A link's attributes, lines "NAME=VALUE": what each takes is printed, and reads back as the same.
 */
#include <math.h>

#include "sfemu/link.h"
#include "tests/fuzz/fuzz.h"

static char *printed(const struct sfe_link_attribute *a, const struct sfe_link_spec *spec)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	CHECK(f);
	a->print(spec, f);
	fclose(f);
	return text;
}

static void set(const char *line, struct sfe_link_spec *spec)
{
	char name[32];
	const char *value = strchr(line, '=');
	struct sfe_error err = {0};

	if (!value || value - line >= (ptrdiff_t)sizeof(name))
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(value - line), line);
	const struct sfe_link_attribute *a = sfe_link_attribute_find(name);
	if (!a)
		return;
	int rc = a->set(spec, value + 1, ".", NULL, &err);
	if (rc) {
		check_error(&err, rc);
		return;
	}
	struct sfe_link_spec again = *spec;
	char *text = printed(a, spec);
	CHECK(!a->set(&again, text, ".", NULL, NULL));
	char *text_again = printed(a, &again);
	CHECK(!strcmp(text, text_again));
	free(text);
	free(text_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sfe_link_spec spec = {0};
	struct sfe_error err = {0};
	const char *attribute = NULL;
	char *save = NULL, *text = part_text((struct part){(const char *)data, size});

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		set(line, &spec);
	free(text);
	int rc = sfe_link_check(&spec, 1500, &attribute, &err);
	if (rc) {
		check_error(&err, rc);
		CHECK(sfe_link_attribute_find(attribute));
		return 0;
	}
	CHECK(isfinite(sfe_link_queue_bytes(&spec)) && isfinite(sfe_link_frame_ns(&spec, 1514)));
	double mean = sfe_loss_mean(&spec.loss);
	CHECK(mean >= 0 && mean <= 1);
	return 0;
}
