/* SPDX-License-Identifier: MIT */
/* The guest's side of a shell: the guest's first process starts it and waits for its end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "emu/experiment/channel.h"
#include "emu/vm/guest.h"
#include "emu/vm/guest_command.h"
#include "emu/vm/guest_shell.h"

/* From tools/guest-kernel/patches/0009-um-rest.patch; kernels for the real clock do not have it. */
#define REST_FILE "/sys/module/um/parameters/rest_ms"
#define REST_AFTER_MS "100"

/*
 * Lets the guest sleep while it waits for input. Otherwise the virtual clock jumps from one timer
 * of the kernel to the next and uses a whole core of the host, even if the user types nothing.
 */
static int rest_at_prompt(struct sfe_error *err)
{
	int fd = open(REST_FILE, O_WRONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 0;
	bool ok = fd >= 0 && write(fd, REST_AFTER_MS, strlen(REST_AFTER_MS)) > 0;
	int code = errno;
	if (fd >= 0)
		close(fd);
	return ok ? 0
		  : sfe_fail(err, -code, REST_FILE, NULL, "the guest cannot write to it: %s",
			    strerror(code));
}

/* Switches output processing off, for a console that is a pipe on the host. */
static void set_raw_output(int fd)
{
	struct termios t;

	if (!tcgetattr(fd, &t)) {
		t.c_oflag &= ~(tcflag_t)OPOST;
		t.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(fd, TCSANOW, &t);
	}
}

/* Opens the descriptors 0 to 2: on a terminal, or on the two consoles that are pipes. */
static void open_descriptors(bool pipes)
{
	int out = open(SFE_GUEST_TTY, pipes ? O_WRONLY | O_NOCTTY : O_RDWR);
	int in = pipes ? open("/dev/null", O_RDONLY) : dup(out);
	int errors = pipes ? open(SFE_GUEST_TTY_ERR, O_WRONLY | O_NOCTTY) : dup(out);

	if (pipes) {
		set_raw_output(out);
		set_raw_output(errors);
	} else {
		ioctl(out, TIOCSCTTY, 1);
	}
	/* Moved above 2 first, so that none overwrites another. */
	int fds[] = {fcntl(in, F_DUPFD, 10), fcntl(out, F_DUPFD, 10), fcntl(errors, F_DUPFD, 10)};
	for (int i = 0; i < 3; i++)
		dup2(fds[i], i);
	close_range(3, ~0u, 0);
}

static _Noreturn void child(char **parts, bool pipes)
{
	char *shell[] = {"/bin/bash", "-i", NULL};
	char **command = parts[2] ? parts + 2 : shell;

	setsid();
	open_descriptors(pipes);
	if (sethostname("guest", 5))
		fprintf(stderr, "sfemu: the guest keeps the host's name: %s\n", strerror(errno));
	signal(SIGPIPE, SIG_DFL);
	setenv("TERM", parts[1], 1);
	setenv("PS1", "guest:\\w# ", 1);
	if (chdir(parts[0]) && chdir("/"))
		_exit(126);
	if (command == shell && access(shell[0], X_OK))
		shell[0] = "/bin/sh";
	execvp(command[0], command);
	fprintf(stderr, "sfemu: cannot start %s in the guest: %s\n", command[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* Waits until the host has all output; then the guest may be switched off. */
static void flush_consoles(bool pipes)
{
	const char *const names[] = {SFE_GUEST_TTY, SFE_GUEST_TTY_ERR};

	for (int i = 0; i < 1 + pipes; i++) {
		int fd = open(names[i], O_WRONLY | O_NOCTTY);
		if (fd >= 0) {
			tcdrain(fd);
			close(fd);
		}
	}
}

static int start_and_wait(char *what, int channel, struct sfe_error *err)
{
	bool pipes = *what == 'p';
	char **parts;
	int status = 0, r = sfe_guest_command_decode(what + 1, &parts, err);
	/* Kept open, so that the terminal does not hang up when its last user closes it. */
	int keep = open(SFE_GUEST_TTY, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	/* With pipes there is no rest: a command must repeat, and must not depend on the host's
	 * time. */
	if (!r && !pipes)
		r = rest_at_prompt(err);
	if (r)
		return r;
	pid_t pid = fork(), gone;
	if (pid == 0)
		child(parts, pipes);
	if (pid < 0)
		return sfe_fail(err, -errno, NULL, NULL, "cannot fork: %s", strerror(errno));
	while ((gone = wait(&status)) != pid)
		if (gone < 0 && errno != EINTR)
			break;
	flush_consoles(pipes);
	sfe_channel_send(channel, "end", "%d",
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	free(parts);
	if (keep >= 0)
		close(keep);
	return 0;
}

_Noreturn void sfe_guest_shell_main(const char *what)
{
	struct sfe_error err = {0};
	char text[1100];
	int channel = sfe_guest_init(false, &err);
	char *copy = strdup(what);

	if (channel < 0)
		fprintf(stderr, "sfemu: %s\n", sfe_error_text(&err, text, sizeof(text)));
	else if (!copy || start_and_wait(copy, channel, &err))
		sfe_channel_send(channel, "error", "%s", sfe_error_text(&err, text, sizeof(text)));
	sfe_guest_off();
}
