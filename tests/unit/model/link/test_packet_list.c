/* SPDX-License-Identifier: MIT */
/* Lists of packets by number: read, refused, searched; and as a loss of a link. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sfemu/link.h"
#include "tests/unit/unit.h"

static int read_list(const char *text, struct sfe_packet_list *list, struct sfe_error *err)
{
	*list = (struct sfe_packet_list){0};
	return sfe_packet_list_parse(text, strlen(text), "list", list, err);
}

static void test_read(void)
{
	struct sfe_error err = {0};
	struct sfe_packet_list l;

	CU_ASSERT_EQUAL_FATAL(
		read_list("# lost\r\n 3 \n5-7\t# three\n8\n10-10\n\nevery 20", &l, &err), 0);
	/* 5-7 and 8 are one range. */
	CU_ASSERT_EQUAL_FATAL(l.n, 3);
	CU_ASSERT(l.range[1].first == 5 && l.range[1].last == 8);
	CU_ASSERT_EQUAL(l.packets, 6);
	CU_ASSERT_EQUAL(l.period, 20);
	CU_ASSERT_DOUBLE_EQUAL(sfe_packet_list_mean(&l), 0.3, 1e-15);
	free(l.range);

	CU_ASSERT_EQUAL_FATAL(read_list("281474976710656", &l, &err), 0);
	CU_ASSERT(sfe_packet_list_has(&l, SFE_MAX_PACKET_NUMBER));
	CU_ASSERT_EQUAL(sfe_packet_list_mean(&l), 0);
	free(l.range);
}

static void test_has(void)
{
	static const char *const texts[] = {"1", "2-3\n5\n9-12", "1-4\n7\nevery 8", "1\nevery 1",
		"every 13\n2\n4\n6\n8\n10\n12"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sfe_error err = {0};
		struct sfe_packet_list l;
		CU_ASSERT_EQUAL_FATAL(read_list(texts[i], &l, &err), 0);
		for (uint64_t number = 1; number < 60; number++) {
			uint64_t at = l.period ? (number - 1) % l.period + 1 : number;
			bool in = false;
			for (uint32_t k = 0; k < l.n; k++)
				in |= l.range[k].first <= at && at <= l.range[k].last;
			CU_ASSERT_EQUAL(sfe_packet_list_has(&l, number), in);
		}
		free(l.range);
	}
}

static void test_bad(void)
{
	static const struct {
		const char *text, *where, *what;
	} cases[] = {
		{"", "list", "has no packets"},
		{"# none\nevery 5\n", "list", "has no packets"},
		{"1\n0\n", "list:2", "'0' is not a packet number"},
		{"-5", "list:1", "'-5' is not a packet number"},
		{"5-", "list:1", "'5-' is not a packet number"},
		{"7-5", "list:1", "'7-5' is not a packet number"},
		{"1 2", "list:1", "'1 2' is not a packet number"},
		{"1e3", "list:1", "'1e3' is not a packet number"},
		{"281474976710657", "list:1", "is not a packet number"},
		{"99999999999999999999", "list:1", "is not a packet number"},
		{"5\n4", "list:2", "'4' does not come after"},
		{"5\n5", "list:2", "'5' does not come after"},
		{"2-6\n6-9", "list:2", "'6-9' does not come after"},
		{"1\nevery 0", "list:2", "'every 0' is not a number of packets"},
		{"1\nevery two", "list:2", "'every two' is not a number of packets"},
		{"1\nevery 3\nevery 3", "list:3", "is a second period"},
		{"1\n9\nevery 8", "list", "repeats every 8 packets, before number 9"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sfe_error err = {0};
		struct sfe_packet_list l;
		CU_ASSERT_EQUAL(read_list(cases[i].text, &l, &err), -EINVAL);
		CU_ASSERT_STRING_EQUAL(err.where, cases[i].where);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.what, cases[i].what));
		CU_ASSERT_TRUE(err.todo[0]);
		free(l.range);
	}
}

static void test_too_many(void)
{
	size_t size = 16 * ((size_t)SFE_MAX_PACKET_RANGES + 2), used = 0;
	char *text = malloc(size);
	struct sfe_error err = {0};
	struct sfe_packet_list l;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (uint32_t i = 1; i <= SFE_MAX_PACKET_RANGES; i++)
		used += (size_t)snprintf(text + used, size - used, "%u\n", 2 * i);
	CU_ASSERT_EQUAL(read_list(text, &l, &err), 0);
	CU_ASSERT_EQUAL(l.n, SFE_MAX_PACKET_RANGES);
	free(l.range);
	snprintf(text + used, size - used, "9999999");
	CU_ASSERT_EQUAL(read_list(text, &l, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.where, "list:1048577");
	free(l.range);
	free(text);
}

static int set(struct sfe_link_spec *s, const char *text, const char *folder,
	struct sfe_link_files *files, struct sfe_error *err)
{
	return sfe_link_attribute_find("loss")->set(s, text, folder, files, err);
}

/* A file is loaded once, by whatever name; the printed text has the absolute path. */
static void test_as_loss(void)
{
	const struct sfe_link_attribute *loss = sfe_link_attribute_find("loss");
	struct sfe_link_files files = {0};
	struct sfe_link_spec a = {0}, b = {0};
	struct sfe_error err = {0};
	char file[] = "/tmp/sfe_list_XXXXXX", text[80], printed[80] = "";
	int fd = mkstemp(file);

	CU_ASSERT_EQUAL_FATAL(write(fd, "2\nevery 4\n", 10), 10);
	snprintf(text, sizeof(text), "packets %s", file + strlen("/tmp/"));
	CU_ASSERT_EQUAL(set(&a, text, "/tmp", &files, &err), 0);
	CU_ASSERT_EQUAL(a.loss.model, SFE_LOSS_PACKET_LIST);
	CU_ASSERT_DOUBLE_EQUAL(sfe_loss_mean(&a.loss), 0.25, 1e-15);
	FILE *f = fmemopen(printed, sizeof(printed), "w");
	loss->print(&a, f);
	fclose(f);
	snprintf(text, sizeof(text), "packets %s", file);
	CU_ASSERT_STRING_EQUAL(printed, text);
	CU_ASSERT_EQUAL(set(&b, printed, ".", &files, &err), 0);
	CU_ASSERT_PTR_EQUAL(a.loss.packets, b.loss.packets);
	CU_ASSERT_EQUAL(set(&b, "1%", ".", &files, &err), 0);
	CU_ASSERT_PTR_NULL(b.loss.packets);

	CU_ASSERT_EQUAL(pwrite(fd, "2\nx\n", 4, 0), 4);
	CU_ASSERT_EQUAL(ftruncate(fd, 4), 0);
	sfe_link_files_free(&files);
	CU_ASSERT_EQUAL(set(&b, text, ".", &files, &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, ":2: 'x' is not a packet number"));
	close(fd);
	unlink(file);
	CU_ASSERT_EQUAL(set(&b, text, ".", &files, &err), -EINVAL);
	CU_ASSERT_EQUAL(set(&b, "packets ", ".", &files, &err), -EINVAL);
	CU_ASSERT_EQUAL(set(&b, "packets list", ".", NULL, &err), -EINVAL);
	CU_ASSERT_PTR_NULL(b.loss.packets);
	CU_ASSERT_PTR_NULL(files.packets);
}

/* Nothing lies between two lists, nor between a list and a probability. */
static void test_no_ramp(void)
{
	struct sfe_packet_list list = {.n = 0};
	struct sfe_link_spec a = {.loss = {.model = SFE_LOSS_PACKET_LIST, .packets = &list}},
			     b = {0};
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL(sfe_link_blend(&a, &b, "loss", 0.5, &b, &err), -EINVAL);
	CU_ASSERT_EQUAL(sfe_link_blend(&b, &a, "loss", 0.5, &b, &err), -EINVAL);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"numbers, ranges, comments, a period", test_read},
		{"membership", test_has},
		{"errors and their lines", test_bad},
		{"a limit", test_too_many},
		{"as the loss of a link", test_as_loss},
		{"no ramps", test_no_ramp},
	};

	return unit_main("packet_list", tests, sizeof(tests) / sizeof(tests[0]));
}
