/* SPDX-License-Identifier: MIT */
/* `sfemu link NAME set KEY=VALUE…`, `down`, `up`: links of a running experiment, changed manually.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/cli/args.h"
#include "emu/cli/ask.h"

static const char help[] =
	"usage: sfemu link [--run PID] [--kind KIND] [--direction up|down] [NAME] set "
	"KEY=VALUE...\n"
	"       sfemu link [--run PID] [--kind KIND] [--direction up|down] [NAME] down | up\n"
	"\n"
	"Changes links of a running experiment, each in one atomic change: no packet is lost by "
	"it, "
	"what is not\n"
	"named stays as it is. Keys and values are those of `links:` in scenarios/README.md:\n"
	"\n"
	"  sfemu link cell-0 set rate=1Mbit loss=5%\n"
	"  sfemu link uplink-1:up set delay='normal 10ms 2ms'    one direction\n"
	"  sfemu link 'link_rpi3_*' set loss=0                   all whose names are like that\n"
	"  sfemu link --kind shared set rate=20Mbit              all of a kind\n"
	"  sfemu link uplink-1 down                              all packets are lost, until up\n"
	"\n"
	"All that is named is changed, or nothing. A change holds until the end of the run, in the "
	"next strategies\n"
	"too, unless the schedule sets the same attribute later. It is told in events.csv and in "
	"manifest.json.\n"
	"On the virtual clock use `schedule:`, which repeats. --run PID: the process of `sfemu "
	"run`, if several run.\n"
	"Exit status: 0 changed; 2 refused: nothing was changed.\n";

static json_object *make_request(const char *kind, const char *direction, int argc, char **argv)
{
	json_object *o = json_object_new_object(), *settings = json_object_new_array();
	char *here = getcwd(NULL, 0);
	/* Of a kind the name may be left out. */
	bool named = argc > 1 && (!kind || strcmp(argv[0], "set"));

	json_object_object_add(o, "ask", json_object_new_string("link"));
	json_object_object_add(o, "folder", json_object_new_string(here ? here : "/"));
	if (kind)
		json_object_object_add(o, "kind", json_object_new_string(kind));
	if (direction)
		json_object_object_add(o, "direction", json_object_new_string(direction));
	if (named)
		json_object_object_add(o, "link", json_object_new_string(argv[0]));
	json_object_object_add(o, "act", json_object_new_string(argv[named]));
	for (int i = named + 1; i < argc; i++)
		json_object_array_add(settings, json_object_new_string(argv[i]));
	json_object_object_add(o, "set", settings);
	free(here);
	return o;
}

static int change(pid_t run, json_object *request)
{
	json_object *answer, *changed;
	int status = sfe_cli_ask_lab("link", run, request, &answer);

	if (status)
		return status;
	json_object_object_get_ex(answer, "changed", &changed);
	for (size_t i = 0; i < json_object_array_length(changed); i++) {
		json_object *one = json_object_array_get_idx(changed, i), *text[3];
		static const char *const keys[] = {"link", "direction", "what"};
		for (int k = 0; k < 3; k++)
			json_object_object_get_ex(one, keys[k], &text[k]);
		printf("%s %s: %s\n", json_object_get_string(text[0]),
			json_object_get_string(text[1]), json_object_get_string(text[2]));
	}
	json_object_put(answer);
	return 0;
}

int sfe_cmd_link(int argc, char **argv)
{
	static const struct option options[] = {
		{"run", required_argument, NULL, 'r'},
		{"kind", required_argument, NULL, 'k'},
		{"direction", required_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *kind = NULL, *direction = NULL;
	pid_t run = 0;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'k') {
			kind = optarg;
		} else if (option == 'd') {
			direction = optarg;
		} else if (option != 'r') {
			fputs(help, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : SFE_EXIT_USAGE;
		} else if (sfe_cli_run_of(optarg, &run)) {
			return SFE_EXIT_USAGE;
		}
	}
	int n = argc - optind;
	if (n < 2 && !(n == 1 && kind))
		return sfe_cli_usage("link",
			"say which link, and what to do: NAME set KEY=VALUE, NAME "
			"down or NAME up");
	json_object *request = make_request(kind, direction, n, argv + optind);
	int status = change(run, request);
	json_object_put(request);
	return status;
}
