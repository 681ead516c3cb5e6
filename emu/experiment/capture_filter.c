/* SPDX-License-Identifier: MIT */
#include "emu/experiment/capture_filter.h"

#include <nss.h>
#include <pthread.h>
#include <stdbool.h>

static bool files_only;

/* libpcap looks names up by itself: getaddrinfo, getnetbyname, getservbyname, getprotobyname. With
 * this, the C library asks no name server, no directory and no cache for them. */
static void look_in_files(void)
{
	static const char *const databases[] = {
		"hosts", "networks", "services", "protocols", "ethers"};

	files_only = true;
	for (size_t i = 0; i < sizeof(databases) / sizeof(databases[0]); i++)
		files_only &= !__nss_configure_lookup(databases[i], "files");
}

int sfe_capture_compile(pcap_t *pcap, const char *filter, struct bpf_program *out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT; /* each time takes memory for good */

	pthread_once(&once, look_in_files);
	if (!files_only)
		return PCAP_ERROR;
	return pcap_compile(pcap, out, filter, 1, PCAP_NETMASK_UNKNOWN);
}
