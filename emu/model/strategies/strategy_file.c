/* SPDX-License-Identifier: MIT */
#include "emu/model/strategies/strategy_file.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char build_it[] = "build it with cc -shared -fPIC $(pkg-config --cflags sfemu)";

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__riscv)
#define MACHINE EM_RISCV
#else
#error "which machine do shared objects name here?"
#endif

struct object {
	const char *bytes;
	size_t size;
	Elf64_Ehdr head;
};

/* Copies n bytes at the offset; false: the file does not have them. */
static bool copy(const struct object *o, uint64_t offset, void *to, size_t n)
{
	if (offset > o->size || n > o->size - offset)
		return false;
	memcpy(to, o->bytes + offset, n);
	return true;
}

static bool section(const struct object *o, unsigned i, Elf64_Shdr *out)
{
	return i < o->head.e_shnum && o->head.e_shentsize == sizeof(*out) &&
	       o->head.e_shoff <= o->size &&
	       copy(o, o->head.e_shoff + (uint64_t)i * sizeof(*out), out, sizeof(*out));
}

static bool is_named(const struct object *o, const Elf64_Shdr *names, const Elf64_Sym *symbol)
{
	char name[sizeof(SFE_STRATEGY_SYMBOL)];

	return names->sh_offset <= o->size &&
	       copy(o, names->sh_offset + symbol->st_name, name, sizeof(name)) &&
	       !memcmp(name, SFE_STRATEGY_SYMBOL, sizeof(name));
}

/* The symbol among those that others may use. There is one table of them. A hostile file may have
 * many headers of one large table: only the first counts, so that the work stays that of the file.
 */
static bool find_symbol(const struct object *o, Elf64_Sym *out)
{
	Elf64_Shdr symbols, names;

	for (unsigned i = 0; section(o, i, &symbols); i++) {
		if (symbols.sh_type != SHT_DYNSYM)
			continue;
		if (symbols.sh_offset > o->size || !section(o, symbols.sh_link, &names))
			return false;
		for (uint64_t at = 0; at + sizeof(*out) <= symbols.sh_size &&
				      copy(o, symbols.sh_offset + at, out, sizeof(*out));
			at += sizeof(*out))
			if (out->st_shndx != SHN_UNDEF && is_named(o, &names, out))
				return true;
		return false;
	}
	return false;
}

/* Copies bytes of an address at which the object is to be loaded. */
static bool copy_loaded(const struct object *o, uint64_t address, void *to, size_t n)
{
	Elf64_Phdr p;

	for (unsigned i = 0; i < o->head.e_phnum; i++) {
		if (o->head.e_phentsize != sizeof(p) || o->head.e_phoff > o->size ||
			!copy(o, o->head.e_phoff + (uint64_t)i * sizeof(p), &p, sizeof(p)))
			return false;
		if (p.p_type == PT_LOAD && address >= p.p_vaddr &&
			address - p.p_vaddr <= p.p_filesz &&
			n <= p.p_filesz - (address - p.p_vaddr) && p.p_offset <= o->size)
			return copy(o, p.p_offset + (address - p.p_vaddr), to, n);
	}
	return false;
}

static bool no_carries(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	(void)job, (void)state, (void)from, (void)to;
	abort();
}

static uint32_t no_keeper(const struct sfe_placed_job *job, uint32_t state, uint32_t step)
{
	(void)job, (void)state, (void)step;
	abort();
}

static bool flag(const unsigned char *raw, size_t offset)
{
	return raw[offset] != 0; /* a bool with another byte than 0 or 1 must not be read as one */
}

static int take_flags(
	const unsigned char *raw, struct sfe_strategy_info *out, struct sfe_error *err)
{
#define FLAG(name) .name = flag(raw, offsetof(struct sfe_strategy_info, name))
	unsigned store;

	memcpy(&store, raw + offsetof(struct sfe_strategy_info, store), sizeof(store));
	if (store > SFE_STORE_CLOUD)
		return sfe_fail(err, -EINVAL, NULL, "write a value of enum sfe_store",
			"its store is none that there is");
	*out = (struct sfe_strategy_info){.abi = SFE_STRATEGY_ABI,
		.store = (enum sfe_store)store,
		.carries = no_carries,
		.keeper = no_keeper,
		FLAG(client_invokes),
		FLAG(created_on_use),
		FLAG(names_keepers),
		FLAG(restarts),
		FLAG(resumes),
		FLAG(copies)};
	return 0;
#undef FLAG
}

int sfe_strategy_file_read(
	const char *bytes, size_t size, struct sfe_strategy_info *out, struct sfe_error *err)
{
	struct object o = {bytes, size, {{0}}};
	unsigned char raw[sizeof(*out)];
	Elf64_Sym symbol;
	unsigned abi;

	if (!copy(&o, 0, &o.head, sizeof(o.head)) || memcmp(o.head.e_ident, ELFMAG, SELFMAG) ||
		o.head.e_ident[EI_CLASS] != ELFCLASS64 || o.head.e_ident[EI_DATA] != ELFDATA2LSB ||
		o.head.e_type != ET_DYN)
		return sfe_fail(err, -EINVAL, NULL, build_it, "it is not a shared object");
	if (o.head.e_machine != MACHINE)
		return sfe_fail(err, -EINVAL, NULL, build_it, "it is for another machine");
	if (!find_symbol(&o, &symbol) || !copy_loaded(&o, symbol.st_value, &abi, sizeof(abi)))
		return sfe_fail(err, -EINVAL, NULL,
			"write SFE_STRATEGY(…) at the end of its source", "it names no strategy");
	if (abi != SFE_STRATEGY_ABI)
		return sfe_fail(err, -EINVAL, NULL,
			"build it again with the sfemu/strategy.h of this sfemu",
			"it is for version %u of the interface, this sfemu has %u", abi,
			SFE_STRATEGY_ABI);
	if (symbol.st_size < sizeof(raw) || !copy_loaded(&o, symbol.st_value, raw, sizeof(raw)))
		return sfe_fail(err, -EINVAL, NULL, build_it, "what it names is no strategy");
	return take_flags(raw, out, err);
}
