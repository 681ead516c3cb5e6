/* SPDX-License-Identifier: MIT */
#include "nodes/functions/program.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nodes/base/clock.h"
#include "nodes/functions/program_files.h"

#define PATH_BYTES 512

static const char *file_name(const struct sfe_function_word *word)
{
	const char *slash = strrchr(word->text, '/');

	return slash ? slash + 1 : word->text;
}

/* ---- start */

/* The command; words that are files are those below the scratch folder. NULL: out of memory. */
static char **make_words(const struct program_order *o)
{
	const struct sfe_function_spec *spec = o->function->spec;
	char **words = calloc((size_t)spec->n_words + 1, sizeof(*words));

	for (uint32_t i = 0; words && i < spec->n_words; i++) {
		const struct sfe_function_word *word = &spec->words[i];
		int n = word->file ? asprintf(&words[i], "%s/functions/%s/%s", o->scratch,
					     spec->name, file_name(word))
				   : asprintf(&words[i], "%s", word->text);
		if (n < 0) {
			words[i] = NULL;
			program_files_free_words(words);
			return NULL;
		}
	}
	return words;
}

/* The names of the states with this access, with a space between them. */
static void list_states(const struct program_order *o, enum sfe_state_access access, FILE *out)
{
	const char *before = "";

	for (uint32_t i = 0; i < o->n_states; i++) {
		if (o->states[i].access != access)
			continue;
		fprintf(out, "%s%s", before, o->states[i].name);
		before = " ";
	}
}

/* One text "NAME=VALUE" a line becomes the environment. */
static char **make_environment(const struct program *p, const struct program_order *o)
{
	const char *path = getenv("PATH");
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fprintf(f, "PATH=%s\nHOME=%s/tmp\nTMPDIR=%s/tmp\nLC_ALL=C.UTF-8\n",
		path ? path : "/usr/local/bin:/usr/bin:/bin", p->path, p->path);
	/* Python: no files beside the program's, and the same order of sets each time. */
	fprintf(f, "PYTHONDONTWRITEBYTECODE=1\nPYTHONHASHSEED=0\n");
	fprintf(f, "SFEMU_FUNCTION=%s\nSFEMU_STEP=%s\nSFEMU_JOB=%" PRIu32 "\nSFEMU_NODE=%s\n",
		o->function->spec->name, o->step, o->job, o->node);
	fprintf(f, "SFEMU_STEP_NUMBER=%" PRIu32 "\nSFEMU_TIME_NS=%" PRIu64 "\nSFEMU_SEED=%" PRIu64,
		o->step_number, o->time_ns, o->seed);
	fprintf(f, "\nSFEMU_READ=");
	list_states(o, SFE_STATE_READ_ONLY, f);
	fprintf(f, "\nSFEMU_WRITE=");
	list_states(o, SFE_STATE_WRITTEN, f);
	fprintf(f, "\nSFEMU_UPDATE=");
	list_states(o, SFE_STATE_UPDATED, f);
	char **words = fclose(f) ? NULL : program_files_lines(text);
	free(text);
	return words;
}

static int spawn(struct program *p, char **words, char **environment)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, normal;
	char path[PATH_BYTES];
	int r = posix_spawn_file_actions_init(&files);

	if (r)
		return -r;
	if ((r = posix_spawnattr_init(&how))) {
		posix_spawn_file_actions_destroy(&files);
		return -r;
	}
	sigemptyset(&none);
	sigemptyset(&normal);
	sigaddset(&normal, SIGPIPE);
	snprintf(path, sizeof(path), "%s/in", p->path);
	r = posix_spawn_file_actions_addopen(&files, 0, path, O_RDONLY, 0);
	snprintf(path, sizeof(path), "%s/out", p->path);
	r = r ? r : posix_spawn_file_actions_addopen(&files, 1, path, O_WRONLY | O_APPEND, 0);
	snprintf(path, sizeof(path), "%s/err", p->path);
	r = r ? r : posix_spawn_file_actions_addopen(&files, 2, path, O_WRONLY | O_APPEND, 0);
	r = r ? r : posix_spawn_file_actions_addclosefrom_np(&files, 3);
	snprintf(path, sizeof(path), "%s/states", p->path);
	r = r ? r : posix_spawn_file_actions_addchdir_np(&files, path);
	r = r ? r : posix_spawnattr_setpgroup(&how, 0);
	r = r ? r : posix_spawnattr_setsigmask(&how, &none);
	r = r ? r : posix_spawnattr_setsigdefault(&how, &normal);
	r = r ? r
	      : posix_spawnattr_setflags(&how,
			POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	r = r ? r : posix_spawnp(&p->pid, words[0], &files, &how, words, environment);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return -r;
}

static int start_process(
	struct program *p, const struct program_order *o, char reason[PROGRAM_REASON])
{
	char **words = make_words(o), **environment = make_environment(p, o);
	int r = words && environment ? spawn(p, words, environment) : -ENOMEM;

	if (r)
		snprintf(reason, PROGRAM_REASON, "%.80s cannot be started: %s",
			words ? words[0] : "it", strerror(-r));
	program_files_free_words(words);
	program_files_free_words(environment);
	if (r) {
		p->pid = 0;
		return r;
	}
	p->ended_fd = pidfd_open(p->pid, 0);
	if (p->ended_fd >= 0)
		return 0;
	r = -errno;
	snprintf(reason, PROGRAM_REASON, "it cannot be watched: %s", strerror(-r));
	return r;
}

int program_start(struct program *p, const struct program_order *o, char reason[PROGRAM_REASON])
{
	*p = (struct program){.ended_fd = -1, .folder = -1};
	int r = program_files_make(
		o->scratch, o->job, o->step_number, p->path, sizeof(p->path), &p->folder);
	r = r ? r : program_files_write(p->folder, "in", o->argument, 0400);
	r = r ? r : program_files_write(p->folder, "out", NULL, 0600);
	r = r ? r : program_files_write(p->folder, "err", NULL, 0600);
	for (uint32_t i = 0; i < o->n_states && !r; i++) {
		const struct program_state *s = &o->states[i];
		char path[PATH_BYTES];
		snprintf(path, sizeof(path), "states/%s", s->name);
		r = program_files_write(p->folder, path,
			s->access == SFE_STATE_WRITTEN ? NULL : s->bytes,
			s->access == SFE_STATE_READ_ONLY ? 0400 : 0600);
	}
	if (r)
		snprintf(reason, PROGRAM_REASON, "its files cannot be written: %s", strerror(-r));
	r = r ? r : start_process(p, o, reason);
	if (r)
		program_close(p);
	return r;
}

/* ---- end */

void program_kill(struct program *p)
{
	if (p->pid <= 0)
		return;
	kill(-p->pid, SIGKILL);
	kill(p->pid, SIGKILL); /* before it had its group */
}

/* Adds the last line of stderr to a reason. */
static void add_last_line(const struct program *p, char reason[PROGRAM_REASON])
{
	char line[PROGRAM_REASON];
	size_t used = strlen(reason);

	program_files_last_line(p->folder, "err", line, sizeof(line));
	if (line[0] && used < PROGRAM_REASON - 3)
		snprintf(reason + used, PROGRAM_REASON - used, ": %.*s",
			(int)(PROGRAM_REASON - used - 3), line);
}

/* Waits for the process, which has ended. 0, or why what it left does not count. */
static int end_of(struct program *p, const struct program_order *o, char reason[PROGRAM_REASON])
{
	siginfo_t info = {0};

	if (waitid(P_PID, (id_t)p->pid, &info, WEXITED)) {
		int r = -errno;
		snprintf(reason, PROGRAM_REASON, "its end is not known: %s", strerror(-r));
		return r;
	}
	kill(-p->pid, SIGKILL); /* what it started and did not wait for */
	p->pid = 0;
	if (p->timed_out)
		snprintf(reason, PROGRAM_REASON, "it did not end within its timeout of %g s",
			(double)o->function->spec->timeout_ns / 1e9);
	else if (info.si_code != CLD_EXITED)
		snprintf(reason, PROGRAM_REASON, "it was ended by signal %d (%s)", info.si_status,
			strsignal(info.si_status));
	else if (info.si_status)
		snprintf(reason, PROGRAM_REASON, "it ended with status %d", info.si_status);
	else
		return 0;
	add_last_line(p, reason);
	return p->timed_out ? -ETIME : -EREMOTEIO;
}

static int take_state(struct program *p, struct program_state *s, struct buffer_pool *pool,
	char reason[PROGRAM_REASON])
{
	char path[PATH_BYTES];
	struct slice now = {0};

	snprintf(path, sizeof(path), "states/%s", s->name);
	int r = program_files_read(p->folder, path, pool, &now);
	if (r) {
		snprintf(reason, PROGRAM_REASON, "it leaves no file for the state %.64s: %s",
			s->name, strerror(-r));
		return -EREMOTEIO;
	}
	if (s->access == SFE_STATE_UPDATED)
		changes_compare(&s->changes, s->bytes, &now);
	if (s->access != SFE_STATE_READ_ONLY) {
		slice_drop(s->bytes);
		*s->bytes = now;
		return 0;
	}
	bool same = now.size == s->bytes->size &&
		    (!now.size || !memcmp(now.data, s->bytes->data, now.size));
	slice_drop(&now);
	if (same)
		return 0;
	snprintf(
		reason, PROGRAM_REASON, "it changes the state %.64s, which it only reads", s->name);
	return -EREMOTEIO;
}

/* Whether the working folder has a file that is no state. */
static int check_others(
	struct program *p, const struct program_order *o, char reason[PROGRAM_REASON])
{
	const char **names = calloc((size_t)o->n_states + 1, sizeof(*names));
	char other[80];

	if (!names)
		return -ENOMEM;
	for (uint32_t i = 0; i < o->n_states; i++)
		names[i] = o->states[i].name;
	int r = program_files_other(p->folder, "states", names, other, sizeof(other));
	free(names);
	if (r == -EEXIST)
		snprintf(reason, PROGRAM_REASON, "it leaves the file %s, which is no state", other);
	else if (r)
		snprintf(reason, PROGRAM_REASON, "its folder cannot be read: %s", strerror(-r));
	return r ? -EREMOTEIO : 0;
}

int program_take(struct program *p, const struct program_order *o, struct buffer_pool *pool,
	struct slice *output, char reason[PROGRAM_REASON])
{
	int r = end_of(p, o, reason);

	r = r ? r : check_others(p, o, reason);
	for (uint32_t i = 0; i < o->n_states && !r; i++)
		r = take_state(p, &o->states[i], pool, reason);
	if (r)
		return r;
	r = program_files_read(p->folder, "out", pool, output);
	if (r)
		snprintf(reason, PROGRAM_REASON, "its output cannot be read: %s", strerror(-r));
	return r;
}

size_t program_stderr(const struct program *p, char *text, size_t size, uint64_t *written_bytes)
{
	return program_files_tail(p->folder, "err", text, size, written_bytes);
}

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st, (void)at;
	return what == FTW_DP ? rmdir(path) : unlink(path);
}

void program_close(struct program *p)
{
	if (p->pid > 0) {
		program_kill(p);
		waitpid(p->pid, NULL, 0);
		clock_forget();
	}
	if (p->ended_fd >= 0)
		close(p->ended_fd);
	if (p->folder >= 0)
		close(p->folder);
	if (p->path[0])
		nftw(p->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	*p = (struct program){.ended_fd = -1, .folder = -1};
}

/* ---- files of the function */

int program_install(
	const char *scratch, const struct sfe_deployed_function *f, struct sfe_error *err)
{
	char path[PATH_BYTES];
	int folder = -1, r = 0;

	snprintf(path, sizeof(path), "%s/functions", scratch);
	if (mkdir(path, 0700) && errno != EEXIST)
		r = -errno;
	snprintf(path, sizeof(path), "%s/functions/%s", scratch, f->spec->name);
	if (!r && mkdir(path, 0700))
		r = -errno;
	if (!r && (folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		r = -errno;
	for (uint32_t i = 0; i < f->n_files && !r; i++) {
		const struct sfe_function_file *file = &f->files[i];
		const struct slice bytes = {.data = (uint8_t *)file->bytes, .size = file->size};
		r = program_files_write(folder, file->name, &bytes, file->executable ? 0500 : 0400);
		if (r == -EEXIST) /* a command may name a file twice */
			r = 0;
	}
	if (folder >= 0)
		close(folder);
	return r ? sfe_fail(err, r, f->spec->name, NULL,
			   "its files cannot be written to %.200s: %s", path, strerror(-r))
		 : 0;
}
