/* SPDX-License-Identifier: MIT */
/* How the lab answers: on a terminal to which commands write, too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/run/control/request_relay.h"
#include "emu/run/live_changes.h"
#include "tests/unit/unit.h"

static void test_one_write(void)
{
	static const char request[] = "0123456789abcdef {\"ask\":\"no such thing\"}\n";
	static const char begin[] = "\n0123456789abcdef {\"error\":";
	struct sfe_live live = {.in = malloc(SFE_RELAY_REQUEST_BYTES)};
	struct sfe_error err = {0};
	char got[2048];
	int ends[2];

	/* One packet for each write. */
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	live.fd = ends[0];
	CU_ASSERT(write(ends[1], request, strlen(request)) > 0);
	CU_ASSERT_EQUAL(sfe_live_serve(&live, &err), 0);
	ssize_t n = recv(ends[1], got, sizeof(got), MSG_DONTWAIT);
	CU_ASSERT_FATAL(n > (ssize_t)strlen(begin));
	CU_ASSERT(!memcmp(got, begin, strlen(begin)));
	CU_ASSERT_EQUAL(got[n - 1], '\n');
	CU_ASSERT(recv(ends[1], got, sizeof(got), MSG_DONTWAIT) < 0);
	close(ends[0]);
	close(ends[1]);
	free(live.in);
}

int main(void)
{
	static const struct unit_test tests[] = {{"an answer is one write", test_one_write}};

	return unit_main("live", tests, sizeof(tests) / sizeof(tests[0]));
}
