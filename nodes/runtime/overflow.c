/* SPDX-License-Identifier: MIT */
#include "nodes/runtime/overflow.h"

#include <signal.h>
#include <sys/socket.h>

#include "nodes/base/control.h"
#include "nodes/functions/stack.h"

static struct {
	int control_fd;
	struct sfe_ctl_error message;
	/* The stack of the function is full: the handler needs one of its own. */
	uint8_t stack[16384] __attribute__((aligned(16)));
} report;

/* Any other fault ends the process as it would without a handler. */
static void on_fault(int signal_number, siginfo_t *info, void *context)
{
	(void)context;
	if (stack_guards(info->si_addr))
		send(report.control_fd, &report.message, sizeof(report.message),
			MSG_NOSIGNAL | MSG_DONTWAIT);
	signal(signal_number, SIG_DFL); /* the access is repeated */
}

void overflow_watch(int control_fd, uint32_t node)
{
	const stack_t stack = {.ss_sp = report.stack, .ss_size = sizeof(report.stack)};
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	struct sigaction before;

	report.control_fd = control_fd;
	report.message = (struct sfe_ctl_error){.header = {SFE_CTL_ERROR, node},
		.code = -EFAULT,
		.text = "a function used more than its stack of 1 MiB"};
	sigemptyset(&action.sa_mask);
	/* A sanitizer has its own handler, and says more. */
	if (!sigaction(SIGSEGV, NULL, &before) && before.sa_handler == SIG_DFL &&
		!sigaltstack(&stack, NULL))
		sigaction(SIGSEGV, &action, NULL);
}
