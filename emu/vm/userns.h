/* SPDX-License-Identifier: MIT */
/* Why this system refuses user namespaces, by the settings that distributions have for it. */
#ifndef SFE_VM_USERNS_H
#define SFE_VM_USERNS_H

/*
 * What keeps an ordinary user from making a user namespace, and what to do about it, in one line.
 * To be asked when making one has failed. proc is where procfs is mounted: /proc.
 */
const char *sfe_userns_refusal(const char *proc);

#endif
