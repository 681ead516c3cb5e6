/* SPDX-License-Identifier: MIT */
/*
 * What the lab (the process that holds the network) tells whoever watches it, line by line, over a
 * pipe or a guest's console:
 *
 *   stage TEXT               what it does now
 *   jobs STRATEGY DONE ALL   how far the replay is
 *   out TEXT                 a line that a user's command printed
 *   node NAME FD             a node's namespace is this descriptor of the lab (native only)
 *   netns NAME INODE         a node's namespace as its kernel numbers it (virtual clock only)
 *   note TEXT                something the user should know
 *   serves                   requests are answered from now on (live.h)
 *   by_hand TEXT             a change that somebody asked for
 *   up                       held: the network stays until somebody ends it
 *   error TEXT               why it fails
 *   end CODE                 the last line: 0 or a negative errno
 */
#ifndef SFE_EXPERIMENT_CHANNEL_H
#define SFE_EXPERIMENT_CHANNEL_H

#include "sfemu/error.h"

/* Writes one line; text may hold no newline (they are made blanks). */
void sfe_channel_say(int fd, const char *word, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
