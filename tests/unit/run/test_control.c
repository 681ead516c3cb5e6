/* SPDX-License-Identifier: MIT */
/* Runs that start at the same time make their sockets in one folder, which each removes again. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/run/control/control_socket.h"
#include "tests/unit/unit.h"

#define PROCESSES 4
#define TIMES 3000

static int make_many(void)
{
	int listener, door;

	for (int i = 0; i < TIMES; i++) {
		if (sfe_control_listen(&listener, &door, NULL))
			return 1;
		close(listener);
		close(door);
	}
	return 0;
}

static void test_together(void)
{
	pid_t pid[PROCESSES];
	int status;

	for (int i = 0; i < PROCESSES; i++) {
		pid[i] = fork();
		CU_ASSERT_FATAL(pid[i] >= 0);
		if (!pid[i])
			_exit(make_many());
	}
	for (int i = 0; i < PROCESSES; i++) {
		CU_ASSERT_EQUAL(waitpid(pid[i], &status, 0), pid[i]);
		CU_ASSERT(WIFEXITED(status) && !WEXITSTATUS(status));
	}
}

int main(void)
{
	static const struct unit_test tests[] = {{"sockets made together", test_together}};
	char folder[] = "/tmp/sfemu-test-XXXXXX";

	/* As another user, who has a folder of their own; root's is the system's. */
	if (!mkdtemp(folder) || (!geteuid() && (chown(folder, 65534, 65534) || seteuid(65534))) ||
		setenv("XDG_RUNTIME_DIR", folder, 1))
		return 1;
	int status = unit_main("control", tests, sizeof(tests) / sizeof(tests[0]));
	if (seteuid(getuid()) || rmdir(folder))
		return 1;
	return status;
}
