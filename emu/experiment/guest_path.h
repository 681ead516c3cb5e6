/* SPDX-License-Identifier: MIT */
/* Where a guest looks for programs, whatever the user's PATH is: a run is the same for everybody.
 */
#ifndef SFE_EXPERIMENT_GUEST_PATH_H
#define SFE_EXPERIMENT_GUEST_PATH_H

#define SFE_GUEST_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#endif
