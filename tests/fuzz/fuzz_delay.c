/* SPDX-License-Identifier: MIT */
/* Delay laws as text; after a first byte 0, a file of samples. */
#include <fcntl.h>
#include <unistd.h>

#include "sfemu/delay.h"
#include "tests/fuzz/fuzz.h"

static char path[] = "/dev/shm/fuzz-XXXXXX"; /* laws are read from files that have a path */

static void remove_file(void)
{
	unlink(path);
}

static void read_samples(const uint8_t *data, size_t size)
{
	static int fd = -1;
	char text[64];
	struct sfe_delay_samples *samples = NULL;
	struct sfe_delay law;
	struct sfe_error err = {0};

	if (fd < 0) {
		CHECK((fd = mkostemp(path, O_CLOEXEC)) >= 0);
		atexit(remove_file);
	}
	CHECK(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
	snprintf(text, sizeof(text), "table %s", path);
	int rc = sfe_delay_parse(text, NULL, &samples, &law, &err);
	if (rc) {
		check_error(&err, rc);
		sfe_delay_samples_free(samples); /* of a law that netem cannot give */
		return;
	}
	CHECK(samples && samples->n && law.samples == samples);
	for (uint32_t i = 0; i < samples->n; i++)
		CHECK(samples->ns[i] <= SFE_MAX_DELAY_NS &&
			(!i || samples->ns[i] >= samples->ns[i - 1]));
	CHECK(sfe_delay_quantile(&law, 0.5) >= (double)samples->ns[0]);
	CHECK(sfe_delay_mean(&law) <= (double)samples->ns[samples->n - 1] + 1);
	sfe_delay_samples_free(samples);
}

static void read_text(const uint8_t *data, size_t size)
{
	static char buf[SFE_DELAY_TEXT];
	struct sfe_delay law, again;
	struct sfe_error err = {0};
	char text[256];

	if (size >= sizeof(text))
		return;
	memcpy(text, data, size);
	text[size] = 0;
	int rc = sfe_delay_parse(text, NULL, NULL, &law, &err);
	if (rc) {
		check_error(&err, rc);
		return;
	}
	CHECK(!sfe_delay_parse(sfe_delay_format(&law, buf), NULL, NULL, &again, NULL));
	CHECK(sfe_delay_equal(&law, &again));
	CHECK(sfe_delay_mean(&law) >= 0);
	double low = sfe_delay_quantile(&law, 0.01), high = sfe_delay_quantile(&law, 0.99);
	CHECK(low >= 0 && low <= high);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && !data[0])
		read_samples(data + 1, size - 1);
	else
		read_text(data, size);
	return 0;
}
