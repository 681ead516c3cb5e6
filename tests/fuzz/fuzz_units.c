/* SPDX-License-Identifier: MIT */
/* Quantities with units, laws of functions, plain numbers, and the fast way of reading a decimal
 * against strtod. */
#include <math.h>

#include "emu/model/base/text.h"
#include "sfemu/function_spec.h"
#include "sfemu/units.h"
#include "tests/fuzz/fuzz.h"

static void quantity(const char *text, int (*parse)(const char *, uint64_t *, struct sfe_error *),
	const char *(*format)(uint64_t, char *))
{
	struct sfe_error err = {0};
	uint64_t value, again;
	char buf[SFE_UNIT_TEXT];
	int rc = parse(text, &value, &err);

	if (rc) {
		check_error(&err, rc);
		return;
	}
	CHECK(!parse(format(value, buf), &again, NULL) && again == value);
}

static void law(const char *text, enum sfe_law_unit unit)
{
	struct sfe_error err = {0};
	struct sfe_law one, again;
	char buf[SFE_LAW_TEXT];
	int rc = sfe_law_parse(text, unit, &one, &err);

	if (rc) {
		check_error(&err, rc);
		return;
	}
	CHECK(!sfe_law_parse(sfe_law_format(&one, unit, buf), unit, &again, NULL));
	CHECK(one.constant == again.constant && one.factor == again.factor);
	CHECK(sfe_law_value(&one, UINT64_MAX) <= (uint64_t)SFE_MAX_OPERATIONS);
}

static void number(struct sfe_span text)
{
	char buf[64], *end;
	double value;

	if (sfe_span_double(text, &value))
		return;
	CHECK(text.len < sizeof(buf) && isfinite(value));
	memcpy(buf, text.at, text.len);
	buf[text.len] = 0;
	CHECK(strtod(buf, &end) == value && !*end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[256];
	struct sfe_span span = {(const char *)data, size};

	if (size >= sizeof(text))
		return 0;
	number(span);
	memcpy(text, data, size);
	text[size] = 0;
	law(text, SFE_LAW_OPERATIONS);
	law(text, SFE_LAW_BYTES);
	quantity(text, sfe_parse_rate, sfe_format_rate);
	quantity(text, sfe_parse_time, sfe_format_time);
	quantity(text, sfe_parse_size, sfe_format_size);
	return 0;
}
