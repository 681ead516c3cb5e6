/* SPDX-License-Identifier: MIT */
#include "emu/sweep/sweep_cell.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/results/read_limits.h"
#include "emu/results/results_file.h"
#include "emu/results/results_read.h"
#include "emu/run/results_limit.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"
#include "emu/sweep/sweep_digest.h"

/* The files that the table needs. The record lists all other files of the folder as well. */
static const char *const needed[] = {"manifest.json", "jobs.csv", "summary.csv"};
#define N_NEEDED (sizeof(needed) / sizeof(needed[0]))

static int spec_of(struct sfe_sweep_store *store, const char *text, size_t len,
	const struct sfe_sweep_substrate *x, char spec[SFE_SWEEP_DIGEST_TEXT],
	struct sfe_error *err)
{
	const uint64_t others[] = {
		store->program_digest, x->kernel, x->choice.substrate, x->choice.clock};
	uint64_t digest;
	int r = sfe_sweep_digest(
		text, len, others, sizeof(others) / sizeof(others[0]), &digest, err);

	if (!r)
		snprintf(spec, SFE_SWEEP_DIGEST_TEXT, "%016" PRIx64, digest);
	return r;
}

static int spec(struct sfe_sweep_store *store, uint32_t cell, char out[SFE_SWEEP_DIGEST_TEXT],
	struct sfe_error *err)
{
	const struct sfe_sweep_substrate *x;
	char *text;
	size_t len;
	int r = sfe_sweep_cell_text(store, cell, &text, &len, &x, err);

	if (r)
		return r;
	r = spec_of(store, text, len, x, out, err);
	free(text);
	return r;
}

static const char *string_of(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return o && json_object_object_get_ex(o, key, &v) && v ? json_object_get_string(v) : "";
}

static int digest_text(int dir, const char *name, char text[SFE_SWEEP_DIGEST_TEXT])
{
	uint64_t digest;
	/* What a run may write. */
	int fd = sfe_beneath_read(dir, name, SFE_RESULTS_LIMIT_BYTES, NULL);

	if (fd < 0)
		return fd;
	int r = sfe_digest_descriptor(fd, &digest);
	close(fd);
	if (!r)
		snprintf(text, SFE_SWEEP_DIGEST_TEXT, "%016" PRIx64, digest);
	return r;
}

/* Reads a JSON file of the folder; NULL on failure. */
static struct json_object *read_json(int dir, const char *name)
{
	char *text;
	size_t len;

	if (sfe_folder_load(dir, name, SFE_LIMIT_MANIFEST_BYTES, &text, &len, NULL))
		return NULL;
	struct json_object *o = json_tokener_parse(text);
	free(text);
	return o;
}

/* Whether all files of the record are there and have its digests. */
static bool unchanged(int dir, struct json_object *files)
{
	char now[SFE_SWEEP_DIGEST_TEXT];

	for (size_t i = 0; i < N_NEEDED; i++)
		if (!*string_of(files, needed[i]))
			return false;
	json_object_object_foreach(files, name, digest)
	{
		const char *then = json_object_get_string(digest);
		if (!then || digest_text(dir, name, now) || strcmp(now, then) != 0)
			return false;
	}
	return true;
}

int sfe_sweep_cell_done(
	struct sfe_sweep_store *store, uint32_t cell, bool *done, struct sfe_error *err)
{
	char want[SFE_SWEEP_DIGEST_TEXT];
	struct json_object *files = NULL;
	int dir = sfe_sweep_cell_open(store, cell, ""), r = 0;

	*done = false;
	if (dir < 0)
		return 0;
	struct json_object *record = read_json(dir, "cell.json");
	if (record) {
		r = spec(store, cell, want, err);
		*done = !r && !strcmp(string_of(record, "spec"), want) &&
			json_object_object_get_ex(record, "files", &files) &&
			json_object_is_type(files, json_type_object) && unchanged(dir, files);
	}
	json_object_put(record);
	close(dir);
	return r;
}

/* Makes the new folder CELL.part and opens it. Returns a negative errno on failure. */
static int make_part(const struct sfe_sweep_store *store, uint32_t cell)
{
	char name[256], part[300];
	int cells = sfe_sweep_cells_open(store), code = cells;

	snprintf(part, sizeof(part), "%s.part",
		sfe_sweep_cell_name(store->sweep, cell, name, sizeof(name)));
	if (cells >= 0) {
		code = mkdirat(cells, part, 0777)
			       ? -errno
			       : sfe_beneath_open(cells, part, O_RDONLY | O_DIRECTORY, 0);
		close(cells);
	}
	return code;
}

/* Makes the folder CELL.part, which contains cell.yaml and run.log. Returns a descriptor of
 * run.log, or a negative errno. */
static int prepare(struct sfe_sweep_store *store, uint32_t cell,
	const struct sfe_sweep_substrate **x, struct sfe_error *err)
{
	char path[4096];
	char *text;
	size_t len;
	int r = sfe_sweep_cell_remove(store, cell, err), log = -1;

	if (r || (r = sfe_sweep_cell_text(store, cell, &text, &len, x, err)))
		return r;
	int part = make_part(store, cell);
	if (part < 0) {
		free(text);
		return sfe_fail(err, part,
			sfe_sweep_cell_path(store, cell, ".part", path, sizeof(path)), NULL,
			"cannot make it: %s", strerror(-part));
	}
	FILE *f = sfe_results_open(part, "cell.yaml", "w", err);
	if (f) {
		fwrite(text, 1, len, f);
		r = sfe_results_close(f, "cell.yaml", err);
	} else {
		r = err ? err->code : -EIO;
	}
	r = r ? r : (log = sfe_beneath_create(part, "run.log", err)) < 0 ? log : 0;
	free(text);
	close(part);
	return r ? r : log;
}

static _Noreturn void exec_run(const struct sfe_sweep_store *store, const char *part, int log,
	const char *kernel, int cpu, pid_t parent)
{
	char yaml[4200];
	struct sigaction normal = {.sa_handler = SIG_DFL};
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(125); /* it ended before prctl */
	/* Ctrl-C reaches the sweep only, which stops its cells. */
	setpgid(0, 0);
	sigaction(SIGINT, &normal, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (cpu >= 0) {
		cpu_set_t set;
		CPU_ZERO(&set);
		CPU_SET((size_t)cpu, &set);
		sched_setaffinity(0, sizeof(set), &set);
	}
	snprintf(yaml, sizeof(yaml), "%s/cell.yaml", part);
	int null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 || dup2(null, 0) < 0)
		_exit(126);
	close_range(3, ~0u, 0);
	if (kernel[0])
		setenv("SFEMU_GUEST_KERNEL", kernel, 1);
	const char *const argv[] = {store->program, "run", "--quiet", "--into", part, yaml,
		store->unconfined ? "--unconfined" : NULL, NULL};
	execv(store->program, (char *const *)argv);
	dprintf(2, "cannot start %s: %s\n", store->program, strerror(errno));
	_exit(127);
}

int sfe_sweep_cell_start(
	struct sfe_sweep_store *store, uint32_t cell, int cpu, pid_t *pid, struct sfe_error *err)
{
	const struct sfe_sweep_substrate *x;
	char part[4096];
	pid_t self = getpid();
	int log = prepare(store, cell, &x, err);

	if (log < 0)
		return log;
	sfe_sweep_cell_path(store, cell, ".part", part, sizeof(part));
	*pid = fork();
	if (*pid == 0)
		exec_run(store, part, log, x->choice.kernel, cpu, self);
	int code = errno;
	close(log);
	errno = code;
	return *pid < 0 ? sfe_fail(err, -errno, NULL, NULL, "cannot fork: %s", strerror(errno)) : 0;
}

/* The last line of a run's log. */
static void last_line(int dir, char *buf, size_t size)
{
	char line[1024];
	FILE *f = dir < 0 ? NULL : sfe_results_read(dir, "run.log", NULL);

	buf[0] = 0;
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		/* The sweep itself reports where the files of failed cells are. */
		if (line[0] && !strstr(line, SFE_RESULTS_SO_FAR))
			snprintf(buf, size, "%.*s", (int)size - 1, line);
	}
	if (f)
		fclose(f);
}

static int failed(struct sfe_sweep_store *store, uint32_t cell, int status, struct sfe_error *err)
{
	char line[400], label[200];
	int dir = sfe_sweep_cell_open(store, cell, ".part");

	last_line(dir, line, sizeof(line));
	if (dir >= 0)
		close(dir);
	bool input = WIFEXITED(status) && WEXITSTATUS(status) == 2;
	return sfe_fail(err, input ? -EINVAL : -EIO,
		sfe_sweep_label(store->sweep, cell, label, sizeof(label)), NULL, "%s %d%s%s",
		WIFSIGNALED(status) ? "killed by signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), line[0] ? ": " : "",
		line);
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* Adds the digests of the folder's regular files, in the order of their names. */
static int add_files(int dir, struct json_object *files, struct sfe_error *err)
{
	struct dirent **entries;
	char digest[SFE_SWEEP_DIGEST_TEXT];
	int n = scandirat(dir, ".", &entries, visible, alphasort), r = 0;
	struct stat st;

	if (n < 0)
		return sfe_fail(
			err, -errno, NULL, NULL, "cannot read its folder: %s", strerror(errno));
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		if (!r && !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode)) {
			r = digest_text(dir, name, digest);
			if (r)
				sfe_fail(err, r, name, NULL, "cannot read it: %s", strerror(-r));
			else
				json_object_object_add(files, name, json_object_new_string(digest));
		}
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int write_json(int dir, const char *name, struct json_object *o, struct sfe_error *err)
{
	FILE *f = sfe_results_open(dir, name, "w", err);

	if (!f)
		return err ? err->code : -EIO;
	fputs(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY), f);
	return sfe_results_close(f, name, err);
}

static int write_record(
	struct sfe_sweep_store *store, uint32_t cell, int dir, struct sfe_error *err)
{
	char path[4096], digest[SFE_SWEEP_DIGEST_TEXT];
	struct json_object *o = json_object_new_object(), *files = json_object_new_object();
	int r = spec(store, cell, digest, err);

	if (!r)
		json_object_object_add(o, "spec", json_object_new_string(digest));
	json_object_object_add(o, "files", files);
	sfe_sweep_cell_path(store, cell, ".part", path, sizeof(path));
	if (!r)
		r = add_files(dir, files, err);
	for (size_t i = 0; i < N_NEEDED && !r; i++)
		if (!*string_of(files, needed[i]))
			r = sfe_fail(err, -ENOENT, path, NULL, "its run left no %s", needed[i]);
	r = r ? r : write_json(dir, "cell.json", o, err);
	json_object_put(o);
	return r;
}

/* Writes the record that a cell is done, after checking what its run left. */
static int record(struct sfe_sweep_store *store, uint32_t cell, int dir, struct sfe_error *err)
{
	char path[4096];
	struct json_object *manifest = read_json(dir, "manifest.json");
	bool done = !strcmp(string_of(manifest, "state"), "done");

	json_object_put(manifest);
	if (done)
		return write_record(store, cell, dir, err);
	return sfe_fail(err, -EIO,
		sfe_sweep_cell_path(store, cell, ".part/manifest.json", path, sizeof(path)), NULL,
		"its run ended well and is not done");
}

int sfe_sweep_cell_finish(
	struct sfe_sweep_store *store, uint32_t cell, int status, struct sfe_error *err)
{
	char part[4096], name[256], from[300];

	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return failed(store, cell, status, err);
	sfe_sweep_cell_path(store, cell, ".part", part, sizeof(part));
	int dir = sfe_sweep_cell_open(store, cell, ".part");
	if (dir < 0)
		return sfe_fail(err, dir, part, NULL, "cannot open it: %s", strerror(-dir));
	int r = record(store, cell, dir, err);
	close(dir);
	if (r)
		return r;
	int cells = sfe_sweep_cells_open(store);
	sfe_sweep_cell_name(store->sweep, cell, name, sizeof(name));
	snprintf(from, sizeof(from), "%s.part", name);
	if (cells < 0 || renameat(cells, from, cells, name))
		r = sfe_fail(err, cells < 0 ? cells : -errno, part, NULL,
			"cannot be renamed to %s: %s", name, strerror(cells < 0 ? -cells : errno));
	if (cells >= 0)
		close(cells);
	return r;
}
