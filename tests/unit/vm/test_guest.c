/* SPDX-License-Identifier: MIT */
/* The command in a guest kernel's command line, and the meaning of the end of its console. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/vm/console.h"
#include "emu/vm/guest_command.h"
#include "emu/vm/guest_shell.h"
#include "tests/unit/unit.h"

static void test_word(void)
{
	char *command[] = {"sh", "-c", "echo \"a b\" %2C, ü\n\t'", "", "--", "x=1", NULL};
	char word[SFE_GUEST_COMMAND_BYTES], here[4096], **parts;
	size_t prefix = strlen(SFE_GUEST_SHELL_PREFIX) + 1;

	CU_ASSERT_EQUAL_FATAL(sfe_guest_command_encode(true, command, word, NULL), 0);
	/* One word of a kernel's command line. */
	CU_ASSERT_EQUAL(word[strcspn(word, " \t\n\"'")], 0);
	CU_ASSERT_EQUAL(strncmp(word, SFE_GUEST_SHELL_PREFIX "p", prefix), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_guest_command_decode(word + prefix, &parts, NULL), 0);
	CU_ASSERT_STRING_EQUAL(parts[0], getcwd(here, sizeof(here)));
	for (int i = 0; command[i]; i++)
		CU_ASSERT_STRING_EQUAL(parts[2 + i], command[i]);
	CU_ASSERT_PTR_NULL(parts[2 + 6]);
	free(parts);

	char *none = NULL;
	CU_ASSERT_EQUAL_FATAL(sfe_guest_command_encode(false, &none, word, NULL), 0);
	CU_ASSERT_EQUAL(word[prefix - 1], 't');
	CU_ASSERT_EQUAL_FATAL(sfe_guest_command_decode(word + prefix, &parts, NULL), 0);
	CU_ASSERT_PTR_NULL(parts[2]);
	free(parts);

	char too_long[SFE_GUEST_COMMAND_BYTES + 1];
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = 0;
	char *long_command[] = {too_long, NULL};
	CU_ASSERT_EQUAL(sfe_guest_command_encode(true, long_command, word, NULL), -E2BIG);
	char bad[] = "nothing";
	CU_ASSERT_EQUAL(sfe_guest_command_decode(bad, &parts, NULL), -EPROTO);
}

/* Feeds the pieces one by one; returns how many reported a killed process. */
static int feed(struct sfe_console *c, const char *const *pieces)
{
	int pipes[2], kills = 0;

	CU_ASSERT_EQUAL_FATAL(pipe(pipes), 0);
	*c = (struct sfe_console){.fd = pipes[0]};
	for (; *pieces; pieces++) {
		CU_ASSERT_EQUAL(
			write(pipes[1], *pieces, strlen(*pieces)), (ssize_t)strlen(*pieces));
		kills += sfe_console_read(c);
	}
	close(pipes[1]);
	sfe_console_close(c);
	CU_ASSERT_EQUAL(c->fd, -1);
	return kills;
}

static void expect_died(const struct sfe_console *c, int status, bool spoke, const char *want)
{
	struct sfe_error err = {0};
	char text[1100];

	CU_ASSERT_EQUAL(sfe_console_died(c, status, spoke, "/k", 128, &err), -EIO);
	if (!strstr(sfe_error_text(&err, text, sizeof(text)), want))
		fprintf(stderr, "got:  %s\nwant: %s\n", text, want);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, want));
	CU_ASSERT_PTR_NULL(strpbrk(text, "\n\r\033"));
}

static void test_console(void)
{
	static const char *const panic[] = {"one\r\n\033[31mtwo\n", "Kernel panic - not sync",
		"ing: VFS: no root\r\nCPU: 0\n", NULL};
	static const char *const oom[] = {"Out of memory: Killed proc",
		"ess 12 (rpi3_0), UID 0\nfine\n", "Out of memory: Killed process 13 (tail) x\n",
		NULL};
	static const char *const dead[] = {
		"Kernel panic - not syncing: System is deadlocked on memory\n", NULL};
	static const char *const init[] = {"sfemu: /proc: cannot mount\n", NULL};
	static const char *const nothing[] = {NULL};
	struct sfe_console c;

	CU_ASSERT_EQUAL(feed(&c, panic), 0);
	expect_died(&c, 134, true, "its kernel panicked (VFS: no root); its console ends with: ");
	expect_died(&c, 134, true, "CPU: 0");
	CU_ASSERT_EQUAL(feed(&c, oom), 2);
	CU_ASSERT_STRING_EQUAL(c.killed, "tail");
	expect_died(&c, 1, true, "after it had run out of its 128 MB of memory and killed tail");
	expect_died(&c, 1, true, "; give it more with --set guest_memory_mb=N");
	feed(&c, dead);
	expect_died(&c, 134, true, "it ran out of its 128 MB of memory");
	feed(&c, init);
	expect_died(&c, 0, false, "its first process failed");
	feed(&c, nothing);
	expect_died(&c, 0, false, "is /k a guest kernel?");
	expect_died(&c, 137, true, "killed by signal 9");
	expect_died(&c, 135, true, "memory that the host has not");
	expect_died(&c, 3, true, "ended with status 3 in the middle");
}

/* Only the newest text is kept, and its end is correct. */
static void test_long_console(void)
{
	int pipes[2];
	struct sfe_console c;
	char line[64];

	CU_ASSERT_EQUAL_FATAL(pipe(pipes), 0);
	c = (struct sfe_console){.fd = pipes[0]};
	for (int i = 0; i < 1000; i++) {
		int n = snprintf(line, sizeof(line), "line %d of the console\n", i);
		CU_ASSERT_EQUAL(write(pipes[1], line, (size_t)n), n);
		sfe_console_read(&c);
	}
	close(pipes[1]);
	sfe_console_close(&c);
	CU_ASSERT_TRUE(c.len <= SFE_CONSOLE_TAIL);
	expect_died(&c, 3, true, "|line 998 of the console|line 999 of the console");
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"what to run, as one word", test_word},
		{"why a guest died", test_console},
		{"a long console", test_long_console},
	};

	return unit_main("guest", tests, sizeof(tests) / sizeof(tests[0]));
}
