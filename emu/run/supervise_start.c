/* SPDX-License-Identifier: MIT */
#include "emu/run/supervise_start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/run/guest_memory.h"
#include "emu/run/one_strategy.h"
#include "emu/verify/verify_request.h"

struct native_lab {
	const struct sfe_experiment *e;
	const struct sfe_lab_options *options;
	int results_fd, channel;
};

static int native_main(void *arg, int alive)
{
	const struct native_lab *l = arg;

	(void)alive;

	prctl(PR_SET_NAME, "sfemu-lab");
	return sfe_lab_run(l->e, l->options, l->results_fd, l->channel) ? 1 : 0;
}

static int start_native(struct supervisor *s, const struct sfe_experiment *e, int results_fd,
	int requests, struct sfe_error *err)
{
	struct sfe_lab_options options = s->options->lab;
	struct native_lab lab = {e, &options, results_fd, -1};
	int channel[2];

	options.requests = requests;
	if (pipe2(channel, O_CLOEXEC))
		return sfe_fail(err, -errno, NULL, NULL, "cannot make a pipe: %s", strerror(errno));
	lab.channel = channel[1];
	/* The lab mounts file systems and must die with this process: both need namespaces of
	 * its own. */
	int r = sfe_contain(SFE_CONTAIN_ROOT, 0, -1, native_main, &lab, &s->lab, err);
	close(channel[1]);
	s->channel = channel[0];
	return r ? sfe_fail(err, r, "substrate: native", "run as root, or set substrate: vm",
			   "this system does not allow PID and mount namespaces: %s", strerror(-r))
		 : 0;
}

static int start_guest(struct supervisor *s, const struct sfe_experiment *e, int results_fd,
	int requests, struct sfe_error *err)
{
	bool virtual_clock = s->choice->clock == SFE_CLOCK_VIRTUAL;
	const struct sfe_lab_options *lab = &s->options->lab;
	const struct sfe_guest_params params = {
		.kernel = s->choice->kernel,
		.init = s->options->program,
		.virtual_clock = virtual_clock,
		.seed = e->scenario->seed,
		.slot = lab->one_strategy ? lab->one_strategy - 1 : 0,
		.memory_mb = sfe_guest_memory_mb(e, lab->verifies ? &lab->verify : NULL),
		.results = results_fd,
		.unconfined = s->options->unconfined,
		.n_ttys = requests >= 0,
		.tty = {requests},
		.argument = virtual_clock          ? "virtual"
			    : s->options->lab.hold ? "real-hold"
						   : "real",
	};
	struct sfe_guest guest;
	int r = sfe_commands_write(&s->options->lab.commands, results_fd, err);

	r = r ? r : sfe_one_strategy_write(lab->one_strategy, results_fd, err);
	if (!r && lab->verifies)
		r = sfe_verify_request_write(&lab->verify, results_fd, err);
	if (!r)
		r = sfe_guest_start(&params, &guest, err);
	if (r)
		return r;
	s->lab = guest.pid;
	s->channel = guest.channel;
	sfe_console_begin(&s->console, guest.console);
	s->memory_mb = params.memory_mb;
	s->page = guest.progress;
	if (guest.containment == SFE_CONTAIN_NONE)
		sfe_progress_note(&s->progress, "namespaces are not allowed here: a killed sfemu "
						"may leave the guest's processes "
						"for a moment, and commands in the guest can read "
						"what you can, processes too");
	return 0;
}

const char sfe_virtual_clock_refusal[] =
	"this experiment has a virtual clock: a change from outside would come at another moment "
	"in each run, so runs would not repeat; write the change under schedule: in the scenario "
	"(`sfemu links SCENARIO` or RESULTS shows the links), or run it with --clock real";

/* Opens the relay, or sets why the lab takes no requests. *requests: the lab's end, -1: none. */
static int open_relay(struct supervisor *s, int *requests, struct sfe_error *err)
{
	*requests = -1;
	if (s->options->lab.verifies)
		s->relay.refusal = "`sfemu verify` measures the links: they stay as they are "
				   "meanwhile; `sfemu links SCENARIO` shows them";
	else if (s->choice->clock == SFE_CLOCK_VIRTUAL)
		s->relay.refusal = sfe_virtual_clock_refusal;
	else
		return sfe_relay_open(&s->relay, requests, err);
	return 0;
}

int sfe_supervisor_start(
	struct supervisor *s, const struct sfe_experiment *e, int results_fd, struct sfe_error *err)
{
	int requests = -1;
	int r = s->options->report ? 0 : sfe_control_listen(&s->control, &s->door, err);

	r = r ? r : open_relay(s, &requests, err);
	if (!r)
		r = s->choice->substrate == SFE_SUBSTRATE_NATIVE
			    ? start_native(s, e, results_fd, requests, err)
			    : start_guest(s, e, results_fd, requests, err);
	if (requests >= 0)
		close(requests);
	return r;
}
