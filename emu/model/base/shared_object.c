/* SPDX-License-Identifier: MIT */
#include "emu/model/base/shared_object.h"

#include <errno.h>
#include <string.h>

const char sfe_shared_object_build[] =
	"build it with cc -shared -fPIC $(pkg-config --cflags sfemu)";

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__riscv)
#define MACHINE EM_RISCV
#else
#error "which machine do shared objects name here?"
#endif

/* Copies n bytes at the offset; false: the file does not have them. */
static bool copy(const struct sfe_shared_object *o, uint64_t offset, void *to, size_t n)
{
	if (offset > o->size || n > o->size - offset)
		return false;
	memcpy(to, o->bytes + offset, n);
	return true;
}

int sfe_shared_object_open(
	const char *bytes, size_t size, struct sfe_shared_object *out, struct sfe_error *err)
{
	*out = (struct sfe_shared_object){bytes, size, {{0}}};
	if (!copy(out, 0, &out->head, sizeof(out->head)) ||
		memcmp(out->head.e_ident, ELFMAG, SELFMAG) ||
		out->head.e_ident[EI_CLASS] != ELFCLASS64 ||
		out->head.e_ident[EI_DATA] != ELFDATA2LSB || out->head.e_type != ET_DYN)
		return sfe_fail(
			err, -EINVAL, NULL, sfe_shared_object_build, "it is not a shared object");
	if (out->head.e_machine != MACHINE)
		return sfe_fail(
			err, -EINVAL, NULL, sfe_shared_object_build, "it is for another machine");
	return 0;
}

static bool section(const struct sfe_shared_object *o, unsigned i, Elf64_Shdr *out)
{
	return i < o->head.e_shnum && o->head.e_shentsize == sizeof(*out) &&
	       o->head.e_shoff <= o->size &&
	       copy(o, o->head.e_shoff + (uint64_t)i * sizeof(*out), out, sizeof(*out)) &&
	       out->sh_offset <= o->size;
}

static bool is_named(const struct sfe_shared_object *o, const Elf64_Shdr *names,
	const Elf64_Sym *symbol, const char *name)
{
	uint64_t at = names->sh_offset + symbol->st_name;
	size_t n = strlen(name) + 1;

	return at <= o->size && n <= o->size - at && !memcmp(o->bytes + at, name, n);
}

/* There is one table of symbols for others. A hostile file may have many headers of one large
 * table: only the first counts. */
bool sfe_shared_object_find(
	const struct sfe_shared_object *o, const char *name, struct sfe_shared_symbol *out)
{
	Elf64_Shdr symbols, names;
	Elf64_Sym symbol;

	for (unsigned i = 0; section(o, i, &symbols); i++) {
		if (symbols.sh_type != SHT_DYNSYM)
			continue;
		if (!section(o, symbols.sh_link, &names))
			return false;
		for (uint64_t at = 0; at + sizeof(symbol) <= symbols.sh_size &&
				      copy(o, symbols.sh_offset + at, &symbol, sizeof(symbol));
			at += sizeof(symbol)) {
			if (symbol.st_shndx == SHN_UNDEF || !is_named(o, &names, &symbol, name))
				continue;
			*out = (struct sfe_shared_symbol){symbol.st_value, symbol.st_size};
			return true;
		}
		return false;
	}
	return false;
}

bool sfe_shared_object_read(const struct sfe_shared_object *o, uint64_t address, void *to, size_t n)
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

/* Relocations of data are in tables with addends on all machines here; packed ones have the addend
 * in the place itself. No honest file has more of them than fit into it. */
static bool relocates(const struct sfe_shared_object *o, uint64_t address)
{
	uint64_t left = o->size / sizeof(Elf64_Rela);
	Elf64_Shdr table;
	Elf64_Rela one;

	for (unsigned i = 0; section(o, i, &table); i++) {
		if (table.sh_type != SHT_RELA)
			continue;
		for (uint64_t at = 0; at + sizeof(one) <= table.sh_size && left &&
				      copy(o, table.sh_offset + at, &one, sizeof(one));
			at += sizeof(one), left--)
			if (one.r_offset == address && ELF64_R_TYPE(one.r_info))
				return true;
	}
	return false;
}

bool sfe_shared_object_points(const struct sfe_shared_object *o, uint64_t address)
{
	uint64_t written = 0;

	return (sfe_shared_object_read(o, address, &written, sizeof(written)) && written) ||
	       relocates(o, address);
}
