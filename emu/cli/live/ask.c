/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/cli/base/args.h"
#include "emu/cli/live/ask.h"
#include "emu/model/base/printable.h"
#include "emu/run/control/control_socket.h"

int sfe_cli_run_of(const char *text, pid_t *run)
{
	uint64_t pid;
	int status = sfe_arg_u64("--run", text, 1, INT32_MAX, &pid);

	if (!status)
		*run = (pid_t)pid;
	return status;
}

int sfe_cli_make_request(json_object *request, char **text, struct sfe_error *err)
{
	const char *json = json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN);
	int n = asprintf(text, "lab %s", json);

	if (n < 0)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (n < SFE_CONTROL_REQUEST_BYTES - 1)
		return 0;
	free(*text);
	return sfe_fail(
		err, -EINVAL, NULL, "make several requests of it", "the request is too long");
}

int sfe_cli_ask_lab(const char *verb, pid_t run, json_object *request, json_object **answer)
{
	struct sfe_error err = {0};
	json_object *why, *code;
	char *text, *said;
	int r = sfe_cli_make_request(request, &text, &err);

	if (r)
		return sfe_cli_error(&err, SFE_EXIT_USAGE);
	r = sfe_control_ask_lab(run, text, &said, &err);
	free(text);
	if (r)
		return sfe_cli_error(&err, r == -EINVAL ? SFE_EXIT_USAGE : SFE_EXIT_FAILED);
	*answer = json_tokener_parse(said);
	free(said);
	if (!*answer) {
		fprintf(stderr,
			"sfemu %s: the answer of the experiment is not JSON; use the version of "
			"sfemu that runs it\n",
			verb);
		return SFE_EXIT_FAILED;
	}
	if (!json_object_object_get_ex(*answer, "error", &why))
		return 0;
	if (!json_object_object_get_ex(*answer, "code", &code))
		code = NULL;
	fprintf(stderr, "sfemu %s: ", verb);
	sfe_print_text(why ? json_object_get_string(why) : "", stderr);
	fputc('\n', stderr);
	r = json_object_get_int(code) == -EINVAL ? SFE_EXIT_USAGE : SFE_EXIT_FAILED;
	json_object_put(*answer);
	*answer = NULL;
	return r;
}
