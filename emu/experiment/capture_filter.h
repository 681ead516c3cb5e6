/* SPDX-License-Identifier: MIT */
/* Filters of captures. A scenario's author writes them, so no name in one is looked up in the
 * network. */
#ifndef SFE_EXPERIMENT_CAPTURE_FILTER_H
#define SFE_EXPERIMENT_CAPTURE_FILTER_H

#include <pcap/pcap.h>

/*
 * pcap_compile and its results. Names of hosts, networks, services and protocols are looked up in
 * this machine's files only (/etc/hosts, /etc/services, …), from now on in the whole process.
 */
int sfe_capture_compile(pcap_t *pcap, const char *filter, struct bpf_program *out);

#endif
