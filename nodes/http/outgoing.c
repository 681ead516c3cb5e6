/* SPDX-License-Identifier: MIT */
#include "nodes/http/outgoing.h"

#include <stdlib.h>

void outgoing_free(struct outgoing *o)
{
	if (!o)
		return;
	for (uint32_t i = 0; i < o->n_slices; i++)
		slice_drop(&o->slices[i]);
	free(o->slices);
	free(o->vector);
	free(o->head);
	free(o);
}

struct outgoing *outgoing_new(struct text *head, const struct slice *slices, uint32_t n)
{
	struct outgoing *o = calloc(1, sizeof(*o));

	if (o) {
		o->slices = calloc(n + 1, sizeof(*o->slices));
		o->vector = calloc(n + 1, sizeof(*o->vector));
	}
	if (!o || !o->slices || !o->vector || head->failed) {
		outgoing_free(o);
		text_clear(head);
		return NULL;
	}
	o->head = head->bytes;
	o->head_bytes = head->length;
	o->vector[o->n++] = (struct iovec){head->bytes, head->length};
	*head = (struct text){0};
	for (uint32_t i = 0; i < n; i++) {
		struct iovec *last = &o->vector[o->n - 1];
		o->slices[o->n_slices++] = slice_part(&slices[i], 0, slices[i].size);
		if (!slices[i].size)
			continue;
		/* Adjacent slices of one buffer are one element. */
		if ((uint8_t *)last->iov_base + last->iov_len == slices[i].data && o->n > 1)
			last->iov_len += slices[i].size;
		else
			o->vector[o->n++] = (struct iovec){slices[i].data, slices[i].size};
	}
	return o;
}

struct outgoing *outgoing_copy(const struct outgoing *o)
{
	struct text head = {0};

	text_add(&head, "%.*s", (int)o->head_bytes, o->head);
	return outgoing_new(&head, o->slices, o->n_slices);
}

uint64_t outgoing_bytes(const struct outgoing *o)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < o->n; i++)
		bytes += o->vector[i].iov_len;
	return bytes;
}

bool outgoing_advance(struct outgoing *o, size_t n)
{
	while (o->at < o->n && n >= o->vector[o->at].iov_len)
		n -= o->vector[o->at++].iov_len;
	if (o->at == o->n)
		return true;
	o->vector[o->at].iov_base = (uint8_t *)o->vector[o->at].iov_base + n;
	o->vector[o->at].iov_len -= n;
	return false;
}
