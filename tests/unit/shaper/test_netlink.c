/* SPDX-License-Identifier: MIT */
/* Batches of requests to the kernel: it answers those that it refuses and the last one, the first
 * refusal is the error, and no answer is left for the next batch. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shaper/netlink.h"
#include "tests/unit/unit.h"

#define LO_INDEX 1
#define NOWHERE_INDEX 77 /* no interface has it */

/* 10.0.0.LAST on an interface. */
static void queue_address(struct sfe_nl *nl, unsigned ifindex, uint32_t last, const char *where,
	struct sfe_error *err)
{
	struct ifaddrmsg ifa = {.ifa_family = AF_INET,
		.ifa_prefixlen = 32,
		.ifa_scope = RT_SCOPE_UNIVERSE,
		.ifa_index = ifindex};
	struct nl_msg *msg = sfe_nl_msg(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &ifa, sizeof(ifa));

	CU_ASSERT_PTR_NOT_NULL_FATAL(msg);
	CU_ASSERT_EQUAL(nla_put_u32(msg, IFA_LOCAL, htonl(0x0a000000 + last)), 0);
	CU_ASSERT_EQUAL(sfe_nl_queue(nl, msg, where, "add its address", err), 0);
}

static int count_address(struct nlmsghdr *h, void *n)
{
	*(unsigned *)n += h->nlmsg_type == RTM_NEWADDR;
	return 0;
}

static unsigned addresses(struct sfe_nl *nl)
{
	struct ifaddrmsg ifa = {.ifa_family = AF_INET};
	struct sfe_error err = {0};
	unsigned n = 0;

	CU_ASSERT_EQUAL(sfe_nl_dump(nl, sfe_nl_msg(RTM_GETADDR, 0, &ifa, sizeof(ifa)),
				count_address, &n, &err),
		0);
	return n;
}

static void test_refused(void)
{
	/* By batch of six: the first and the last that the kernel refuses. */
	static const unsigned refused[][2] = {{0, 0}, {2, 2}, {5, 5}, {0, 5}, {1, 3}};
	struct sfe_error err = {0};
	struct sfe_nl nl;
	unsigned there = 0;

	CU_ASSERT_EQUAL_FATAL(sfe_nl_open(&nl, &err), 0);
	for (unsigned b = 0; b < sizeof(refused) / sizeof(refused[0]); b++) {
		static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
		for (unsigned i = 0; i < 6; i++) {
			bool bad = i == refused[b][0] || i == refused[b][1];
			queue_address(
				&nl, bad ? NOWHERE_INDEX : LO_INDEX, 1 + 6 * b + i, names[i], &err);
			there += !bad;
		}
		CU_ASSERT_EQUAL(sfe_nl_flush(&nl, &err), -ENODEV);
		CU_ASSERT_STRING_EQUAL(err.where, names[refused[b][0]]);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "cannot add its address"));
		/* Those beside them are carried out. */
		CU_ASSERT_EQUAL(addresses(&nl), there);
		/* A batch after a refused one ends with an answer of its own. */
		queue_address(&nl, LO_INDEX, 200 + b, "next", &err);
		CU_ASSERT_EQUAL(sfe_nl_flush(&nl, &err), 0);
		CU_ASSERT_EQUAL(addresses(&nl), ++there);
	}
	sfe_nl_close(&nl);
}

/* More than a batch holds. */
static void test_full(void)
{
	struct sfe_error err = {0};
	struct sfe_nl nl;
	unsigned there, n = 0;

	CU_ASSERT_EQUAL_FATAL(sfe_nl_open(&nl, &err), 0);
	there = addresses(&nl);
	for (; n < 1000; n++)
		queue_address(&nl, LO_INDEX, 0x10000 + n, "many", &err);
	CU_ASSERT_EQUAL(sfe_nl_flush(&nl, &err), 0);
	CU_ASSERT_EQUAL(addresses(&nl), there + n);
	sfe_nl_close(&nl);
}

static int refuse(struct nlmsghdr *h, void *n)
{
	(void)h;
	return --*(int *)n ? 0 : -EPROTO;
}

/* A dump of more parts than a system call reads, and one that was given up in its midst. */
static void test_dumps(void)
{
	const unsigned many = 6000; /* addresses, 70 bytes each; a part has up to 32 KB */
	struct ifaddrmsg ifa = {.ifa_family = AF_INET};
	struct sfe_error err = {0};
	struct sfe_nl nl;

	CU_ASSERT_EQUAL_FATAL(sfe_nl_open(&nl, &err), 0);
	unsigned there = addresses(&nl);
	for (unsigned n = 0; n < many; n++)
		queue_address(&nl, LO_INDEX, 0x20000 + n, "many", &err);
	CU_ASSERT_EQUAL(sfe_nl_flush(&nl, &err), 0);
	CU_ASSERT_EQUAL(addresses(&nl), there + many);
	for (int left = 1; left < 5000; left = 7 * left + 1) {
		int at = left;
		CU_ASSERT_EQUAL(sfe_nl_dump(&nl, sfe_nl_msg(RTM_GETADDR, 0, &ifa, sizeof(ifa)),
					refuse, &at, &err),
			-EPROTO);
		CU_ASSERT_EQUAL(addresses(&nl), there + many);
	}
	sfe_nl_close(&nl);
}

int main(void)
{
	static const struct unit_test tests[] = {{"refused requests", test_refused},
		{"more than a batch", test_full}, {"dumps of many parts", test_dumps}};

	if (unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0))) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("netlink", tests, sizeof(tests) / sizeof(tests[0]));
}
