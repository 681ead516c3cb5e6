/* SPDX-License-Identifier: MIT */
#include "nodes/runtime/function_crash.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

#include "nodes/base/control.h"
#include "nodes/functions/function_task.h"
#include "nodes/functions/stack.h"

static struct {
	int control_fd;
	struct sfe_ctl_error message;
	/* The stack of the function may be full: the handler needs one of its own. */
	uint8_t stack[16384] __attribute__((aligned(16)));
} report;

static const struct crash_signal {
	int number;
	const char *text;
} signals[] = {
	{SIGSEGV, " uses memory that it does not have (SIGSEGV)"},
	{SIGBUS, " uses memory that it does not have (SIGBUS)"},
	{SIGFPE, " divides by zero, or overflows (SIGFPE)"},
	{SIGILL, " runs what is no instruction (SIGILL)"},
	{SIGABRT, " aborts (SIGABRT)"},
};

/* ---- in the signal handler: no library functions */

struct line {
	char *at, *end;
};

static void add(struct line *line, const char *text)
{
	while (*text && line->at < line->end)
		*line->at++ = *text++;
	*line->at = 0;
}

static void add_number(struct line *line, uint32_t number)
{
	char digits[11], *first = &digits[sizeof(digits) - 1];

	*first = 0;
	do
		*--first = (char)('0' + number % 10);
	while (number /= 10);
	add(line, first);
}

static const char *what_happens(int signal_number)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (signals[i].number == signal_number)
			return signals[i].text;
	return "";
}

/* The process then ends as it would without a handler: the access is repeated. */
static void on_fault(int signal_number, siginfo_t *info, void *context)
{
	const struct sfe_call *call = function_task_running();
	struct line line = {
		report.message.text, report.message.text + sizeof(report.message.text) - 1};
	(void)context;

	if (call) {
		add(&line, "function ");
		add(&line, call->function);
		add(&line, " (job ");
		add_number(&line, call->job);
		add(&line, ", step ");
		add(&line, call->step);
		add(&line, ") on ");
		add(&line, call->node);
		add(&line, stack_guards(info->si_addr) ? " uses more than its stack of 1 MiB"
						       : what_happens(signal_number));
		send(report.control_fd, &report.message, sizeof(report.message),
			MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	signal(signal_number, SIG_DFL);
}

/* ---- */

void function_crash_watch(int control_fd, uint32_t node)
{
	const stack_t stack = {.ss_sp = report.stack, .ss_size = sizeof(report.stack)};
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	struct sigaction before;

	report.control_fd = control_fd;
	report.message = (struct sfe_ctl_error){.header = {SFE_CTL_ERROR, node}, .code = -EFAULT};
	sigemptyset(&action.sa_mask);
	/* A sanitizer has its own handlers and its own stack for them, and says more. */
	if (sigaction(SIGSEGV, NULL, &before) || before.sa_handler != SIG_DFL ||
		sigaltstack(&stack, NULL))
		return;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!sigaction(signals[i].number, NULL, &before) && before.sa_handler == SIG_DFL)
			sigaction(signals[i].number, &action, NULL);
}
