/* SPDX-License-Identifier: MIT */
#include "emu/model/base/parallel.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#define MAX_THREADS 1024u

struct crew {
	int (*work)(void *context, uint32_t i, struct sfe_error *err);
	void *context;
	uint32_t n;
	atomic_uint next;
	atomic_bool failed;
	pthread_mutex_t lock; /* protects what follows */
	uint32_t worst;       /* the smallest i that failed */
	int rc;
	struct sfe_error err;
};

static void *run(void *arg)
{
	struct crew *c = arg;
	uint32_t i;

	while (!atomic_load(&c->failed) && (i = atomic_fetch_add(&c->next, 1)) < c->n) {
		struct sfe_error err = {0};
		int rc = c->work(c->context, i, &err);
		if (!rc)
			continue;
		pthread_mutex_lock(&c->lock);
		if (!c->rc || i < c->worst) {
			c->worst = i;
			c->rc = rc;
			c->err = err;
		}
		pthread_mutex_unlock(&c->lock);
		atomic_store(&c->failed, true);
	}
	return NULL;
}

int sfe_parallel(unsigned threads, uint32_t n,
	int (*work)(void *context, uint32_t i, struct sfe_error *err), void *context,
	struct sfe_error *err)
{
	struct crew c = {
		.work = work, .context = context, .n = n, .lock = PTHREAD_MUTEX_INITIALIZER};
	unsigned wanted = threads < n ? threads : n, started = 0;
	pthread_t thread[MAX_THREADS];

	if (wanted > MAX_THREADS)
		wanted = MAX_THREADS;
	/* The calling thread works too; fewer threads than wanted only take longer. */
	while (started + 1 < wanted && !pthread_create(&thread[started], NULL, run, &c))
		started++;
	run(&c);
	for (unsigned t = 0; t < started; t++)
		pthread_join(thread[t], NULL);
	if (c.rc && err)
		*err = c.err;
	return c.rc;
}
