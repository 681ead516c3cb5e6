/* SPDX-License-Identifier: MIT */
/*
 * Status lines from the lab (the process that holds the network) to its supervisor, over a pipe or
 * a guest's console:
 *   stage TEXT               the present stage
 *   jobs STRATEGY DONE ALL   progress of the replay
 *   part DONE ALL WHAT       progress of a verification
 *   out TEXT                 a line printed by a user's command
 *   node NAME FD             a node's namespace is this descriptor of the lab (native only)
 *   netns NAME INODE         inode number of a node's namespace (virtual clock only)
 *   note TEXT                a note for the user
 *   failed TEXT              a user's command failed
 *   serves                   requests are answered from now on (live_changes.h)
 *   manual TEXT              a manual change was made
 *   up                       held: the network stays up until it is stopped
 *   error TEXT               why the lab fails
 *   end CODE                 the last line: 0 or a negative errno
 */
#ifndef SFE_EXPERIMENT_CHANNEL_H
#define SFE_EXPERIMENT_CHANNEL_H

#include <stddef.h>

#include "sfemu/error.h"

/* Writes one line; newlines in text become blanks. */
void sfe_channel_send(int fd, const char *word, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* One write(2), and more only if the kernel writes a part: on a terminal, the text of other
 * processes comes before or after it. 0 or a negative errno. */
int sfe_write_all(int fd, const char *text, size_t len);

#endif
