/* SPDX-License-Identifier: MIT */
#include "emu/experiment/native_probe.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/net/netns.h"
#include "shaper/shaper.h"

static void note(struct sfe_probe *p, int i, int r, const struct sfe_error *err)
{
	bool *ok[] = {&p->namespaces, &p->veth, &p->ifb, &p->redirect, &p->netem};

	*ok[i] = !r;
	if (r)
		snprintf(p->why[i], sizeof(p->why[i]), "%.*s", (int)sizeof(p->why[i]) - 1,
			err->what);
}

static int make_veth(struct sfe_nl *nl, struct sfe_error *err)
{
	struct ifinfomsg ifi = {.ifi_index = 20};
	struct nl_msg *msg = sfe_nl_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	struct nlattr *info;

	if (msg && (info = nla_nest_start(msg, IFLA_LINKINFO))) {
		nla_put_string(msg, IFLA_INFO_KIND, "veth");
		nla_nest_end(msg, info);
	}
	int r = sfe_nl_queue(nl, msg, NULL, "make a veth pair", err);
	return r ? r : sfe_nl_flush(nl, err);
}

static void probe(struct sfe_probe *p)
{
	const struct sfe_shaped nothing = {.ifindex = SFE_IFB_INDEX, .mtu = 1500};
	const struct sfe_shaped some = {
		.ifindex = 1, .mtu = 1500, .spec = {.rate_bps = 1000000, .queue_ns = 1000000}};
	struct sfe_error err = {0};
	struct sfe_nl nl;
	int fd = sfe_netns_new(NULL, &err);
	int r = fd < 0 ? fd : sfe_nl_open(&nl, &err);

	note(p, 0, r, &err);
	if (r) {
		for (int i = 1; i < 5; i++)
			note(p, i, r, &err);
		return;
	}
	note(p, 1, make_veth(&nl, &err), &err);
	r = sfe_shaper_medium(&nl, &nothing, &err);
	r = r ? r : sfe_nl_flush(&nl, &err);
	note(p, 2, r, &err);
	if (!r) {
		r = sfe_ifb_redirect(&nl, 20, false, SFE_IFB_INDEX, NULL, &err);
		r = r ? r : sfe_nl_flush(&nl, &err);
	}
	note(p, 3, r, &err);
	r = sfe_shaper_set(&nl, &some, &err);
	r = r ? r : sfe_nl_flush(&nl, &err);
	note(p, 4, r, &err);
}

int sfe_probe_native(struct sfe_probe *p, struct sfe_error *err)
{
	struct sfe_probe *shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	if (shared == MAP_FAILED)
		return sfe_fail(err, -errno, NULL, NULL, "mmap: %s", strerror(errno));
	/* In a child process: the namespace ends with it. */
	pid_t pid = fork();
	if (pid == 0) {
		probe(shared);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	*p = *shared;
	munmap(shared, sizeof(*shared));
	return pid < 0 ? sfe_fail(err, -errno, NULL, NULL, "cannot fork: %s", strerror(errno)) : 0;
}

static bool has_modules(const char *modules, const char *release)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/modules.dep", modules, release);
	return !access(path, F_OK);
}

void sfe_probe_upgraded(const char *modules, const char *running, char *out, size_t size)
{
	struct dirent **entries;
	int n;

	out[0] = 0;
	if (has_modules(modules, running) ||
		(n = scandir(modules, &entries, NULL, versionsort)) < 0)
		return;
	for (int i = 0; i < n; i++) { /* the newest is the last */
		if (entries[i]->d_name[0] != '.' && has_modules(modules, entries[i]->d_name))
			snprintf(out, size, "%s", entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

bool sfe_probe_ok(const struct sfe_probe *p, char *why, size_t size)
{
	for (int i = 0; i < 5; i++)
		if (p->why[i][0]) {
			snprintf(why, size, "%s", p->why[i]);
			return false;
		}
	return true;
}
