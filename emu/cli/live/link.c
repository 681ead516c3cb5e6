/* SPDX-License-Identifier: MIT */
/* `sfemu link NAME set KEY=VALUE…`, `down`, `up`: manual changes to links of a running experiment.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/verb.h"
#include "emu/cli/live/ask.h"
#include "emu/model/base/printable.h"

static json_object *make_request(const char *kind, const char *direction, int argc, char **argv)
{
	json_object *o = json_object_new_object(), *settings = json_object_new_array();
	char *here = getcwd(NULL, 0);
	/* With --kind the name may be omitted. */
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
	/* A guest may have made it. */
	bool there = json_object_object_get_ex(answer, "changed", &changed) &&
		     json_object_is_type(changed, json_type_array);
	for (size_t i = 0; there && i < json_object_array_length(changed); i++) {
		json_object *one = json_object_array_get_idx(changed, i), *text;
		static const char *const keys[] = {"link", "direction", "what"};
		static const char *const after[] = {" ", ": ", "\n"};
		for (int k = 0; k < 3; k++) {
			bool has = json_object_object_get_ex(one, keys[k], &text) && text;
			sfe_print_text(has ? json_object_get_string(text) : "", stdout);
			fputs(after[k], stdout);
		}
	}
	json_object_put(answer);
	return 0;
}

static int cmd_link(int argc, char **argv);

static const struct sfe_option option_table[] = {
	{"kind", 0, "node|shared|uplink|downlink", SFE_WORD_ONE_OF, 'k', "all links of this kind"},
	{"direction", 0, "up|down", SFE_WORD_ONE_OF, 'd', "this direction only"},
	{"run", 0, "PID", SFE_WORD_ANY, 'r', "the process of `sfemu run`, if several run"},
	{0},
};
const struct sfe_verb sfe_verb_link = {
	.name = "link",
	.summary = "change links of a running experiment",
	.run = cmd_link,
	.usage = (const char *const[]){"[OPTIONS] [NAME] set KEY=VALUE...",
		"[OPTIONS] [NAME] down | up", NULL},
	.about = "Changes links of a running experiment, each in one atomic change: no packet "
		 "is lost by it, and attributes that are not named stay as they are. Keys and "
		 "values are those of `links:` in docs/scenario.md.",
	.options = option_table,
	.notes = "All that is named is changed, or nothing. A change holds until the end of "
		 "the run, in the next strategies too, unless the schedule sets the same "
		 "attribute later. events.csv and manifest.json record it. On the virtual "
		 "clock use `schedule:`, which repeats.",
	.examples = (const char *const[]){"sfemu link cell-0 set rate=1Mbit loss=5%",
		"sfemu link uplink-1:up set delay='normal 10ms 2ms'",
		"sfemu link 'link_rpi3_*' set loss=0", "sfemu link --kind shared set rate=20Mbit",
		"sfemu link uplink-1 down", NULL},
	.status = (const struct sfe_exit_status[]){{0, "changed"},
		{1, "the experiment cannot be reached"}, {2, "refused: nothing was changed"}, {0}},
};

static int cmd_link(int argc, char **argv)
{
	const char *kind = NULL, *direction = NULL;
	pid_t run = 0;
	int option;

	while ((option = sfe_verb_option(&sfe_verb_link, argc, argv)) != SFE_OPTION_END) {
		if (option == 'k') {
			kind = optarg;
		} else if (option == 'd') {
			direction = optarg;
		} else if (option != 'r') {
			return option == SFE_OPTION_HELP ? 0 : SFE_EXIT_USAGE;
		} else if (sfe_cli_run_of(optarg, &run)) {
			return SFE_EXIT_USAGE;
		}
	}
	int n = argc - optind;
	if (n < 2 && !(n == 1 && kind))
		return sfe_cli_usage("link",
			"name the link and the change: NAME set KEY=VALUE, NAME down or "
			"NAME up");
	json_object *request = make_request(kind, direction, n, argv + optind);
	int status = change(run, request);
	json_object_put(request);
	return status;
}
