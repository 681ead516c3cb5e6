/* SPDX-License-Identifier: MIT */
#include "emu/experiment/capture_check.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>

#include "emu/experiment/capture_filter.h"

bool sfe_capture_find(
	const struct sfe_experiment *e, const char *name, uint32_t *link, uint32_t *host)
{
	uint32_t v = sfe_vertex_find(e->topology, name);

	*link = *host = SFE_NONE;
	if (v != SFE_NONE && sfe_vertex_kind(e->topology, v) == SFE_VERTEX_LINK)
		*link = v - e->topology->n_nodes;
	else
		*host = sfe_plan_host(e->plan, name);
	return *link != SFE_NONE || *host != SFE_NONE;
}

int sfe_capture_check(const struct sfe_experiment *e, struct sfe_error *err)
{
	const struct sfe_scenario *s = e->scenario;
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, SFE_CAPTURE_WHOLE_PACKET);
	struct bpf_program program;
	uint32_t link, host;
	int r = 0;

	if (!dead)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; i < s->capture.n && !r; i++)
		if (strcmp(s->capture.of[i], "all") &&
			!sfe_capture_find(e, s->capture.of[i], &link, &host))
			r = sfe_fail(err, -EINVAL, "capture",
				"`sfemu topology dot` has their names",
				"there is no link, node or junction '%.100s'", s->capture.of[i]);
	if (!r && s->capture.filter) {
		if (sfe_capture_compile(dead, s->capture.filter, &program))
			r = sfe_fail(err, -EINVAL, "capture.filter",
				"write it as for tcpdump, with addresses or names of /etc/hosts",
				"'%.100s': %s", s->capture.filter, pcap_geterr(dead));
		else
			pcap_freecode(&program);
	}
	pcap_close(dead);
	return r;
}
