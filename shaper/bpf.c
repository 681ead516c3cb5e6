/* SPDX-License-Identifier: MIT */
#include "shaper/bpf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOG_BYTES 4096

static int call(enum bpf_cmd command, union bpf_attr *attr)
{
	long r = syscall(SYS_bpf, command, attr, sizeof(*attr));

	return r < 0 ? -errno : (int)r;
}

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

/* The kernel refuses attributes whose unused bytes are not zero. */
static union bpf_attr nothing(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	return attr;
}

int sfe_bpf_array(const char *name, uint32_t value_size, uint32_t n)
{
	union bpf_attr attr = nothing();

	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = value_size;
	attr.max_entries = n;
	snprintf(attr.map_name, sizeof(attr.map_name), "%s", name);
	return call(BPF_MAP_CREATE, &attr);
}

static int batch(
	enum bpf_cmd command, int map, const uint32_t *keys, const void *values, uint32_t n)
{
	union bpf_attr attr = nothing();
	uint32_t last;

	attr.batch.map_fd = (uint32_t)map;
	attr.batch.keys = address(keys);
	attr.batch.values = address(values);
	attr.batch.count = n;
	attr.batch.out_batch = address(&last);
	int r = call(command, &attr);
	/* -ENOENT: the end of the map was reached. */
	return (!r || r == -ENOENT) && attr.batch.count == n ? 0 : r ? r : -EPROTO;
}

int sfe_bpf_array_write(int map, const void *values, uint32_t n)
{
	uint32_t *keys = malloc(n * sizeof(*keys));
	int r;

	if (!keys)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		keys[i] = i;
	r = batch(BPF_MAP_UPDATE_BATCH, map, keys, values, n);
	free(keys);
	return r;
}

int sfe_bpf_array_read(int map, void *values, uint32_t value_size, uint32_t n)
{
	uint32_t *keys = calloc(n, sizeof(*keys));
	int r;

	if (!keys)
		return -ENOMEM;
	memset(values, 0, (size_t)value_size * n);
	r = batch(BPF_MAP_LOOKUP_BATCH, map, keys, values, n);
	free(keys);
	return r;
}

int sfe_bpf_freeze(int map)
{
	union bpf_attr attr = nothing();

	attr.map_fd = (uint32_t)map;
	return call(BPF_MAP_FREEZE, &attr);
}

static int info_of(int fd, void *info, uint32_t size)
{
	union bpf_attr attr = nothing();

	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info = address(info);
	attr.info.info_len = size;
	return call(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

int sfe_bpf_map_info(int map, struct bpf_map_info *info)
{
	memset(info, 0, sizeof(*info));
	return info_of(map, info, sizeof(*info));
}

static int load(enum bpf_prog_type type, const char *name, const struct bpf_insn *insns, uint32_t n,
	char *what, size_t size)
{
	static const char license[] = "Dual MIT/GPL";
	union bpf_attr attr = nothing();
	char log[LOG_BYTES] = "";

	attr.prog_type = type;
	attr.insns = address(insns);
	attr.insn_cnt = n;
	attr.license = address(license);
	snprintf(attr.prog_name, sizeof(attr.prog_name), "%s", name);
	int r = call(BPF_PROG_LOAD, &attr);
	if (r >= 0)
		return r;
	/* Load it once more, with a log. The reason is at the end of the log. */
	attr.log_buf = address(log);
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	int again = call(BPF_PROG_LOAD, &attr);
	if (again >= 0)
		return again;
	size_t len = strnlen(log, sizeof(log) - 1);
	snprintf(what, size, "%s", len < size ? log : log + len - size + 1);
	return r;
}

int sfe_bpf_program(
	const char *name, const struct bpf_insn *insns, uint32_t n, char *what, size_t size)
{
	return load(BPF_PROG_TYPE_SCHED_CLS, name, insns, n, what, size);
}

int sfe_bpf_socket_filter(
	const char *name, const struct bpf_insn *insns, uint32_t n, char *what, size_t size)
{
	return load(BPF_PROG_TYPE_SOCKET_FILTER, name, insns, n, what, size);
}

static int by_id(enum bpf_cmd command, uint32_t id)
{
	union bpf_attr attr = nothing();

	attr.prog_id = id; /* same place in the union as map_id */
	return call(command, &attr);
}

int sfe_bpf_program_by_id(uint32_t id)
{
	return by_id(BPF_PROG_GET_FD_BY_ID, id);
}

int sfe_bpf_map_of(int program, const char *name)
{
	struct bpf_prog_info info;
	struct bpf_map_info map_info;
	uint32_t ids[SFE_BPF_MAPS];

	memset(&info, 0, sizeof(info));
	info.nr_map_ids = SFE_BPF_MAPS;
	info.map_ids = address(ids);
	int r = info_of(program, &info, sizeof(info));
	for (uint32_t i = 0; !r && i < info.nr_map_ids && i < SFE_BPF_MAPS; i++) {
		int map = by_id(BPF_MAP_GET_FD_BY_ID, ids[i]);
		if (map < 0)
			return map;
		r = sfe_bpf_map_info(map, &map_info);
		if (!r && !strcmp(map_info.name, name))
			return map;
		close(map);
	}
	return r ? r : -ENOENT;
}
