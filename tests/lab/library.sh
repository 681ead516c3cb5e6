#!/usr/bin/env bash
# The library as installed, for programs outside of this tree: sfemu.pc finds it under whatever prefix it was given, each header
# stands by itself in C and in C++, and a program of either language links.
. "$(dirname "$0")/../lib.sh"
need cc clang pkg-config

cmake --install "$BUILD" --prefix "$TEST_TMP/a prefix" >/dev/null
mv "$TEST_TMP/a prefix" "$TEST_TMP/elsewhere"
export PKG_CONFIG_PATH=$TEST_TMP/elsewhere/lib/pkgconfig
cd "$TEST_TMP"
read -ra cflags < <(pkg-config --cflags sfemu)
read -ra libs < <(pkg-config --libs sfemu)

strict=(-Wall -Wextra -Wpedantic -Werror -fsyntax-only)
for header in elsewhere/include/sfemu/*.h; do
	echo "#include <sfemu/$(basename "$header")>" >alone.c
	cc -std=c17 "${strict[@]}" "${cflags[@]}" alone.c || fail "$header does not stand by itself in C17"
	clang -x c++ -std=c++17 "${strict[@]}" "${cflags[@]}" alone.c || fail "$header does not stand by itself in C++17"
done

cat >program.c <<'EOF'
#include <sfemu/estimate.h>
#include <sfemu/generate.h>
#include <sfemu/topology_builder.h>

int main(void)
{
	struct sfe_generator iiot = {};
	struct sfe_topology *t, *small;
	struct sfe_error err = {};
	struct sfe_topology_builder *b = sfe_build_new();

	iiot.scenario = "iiot";
	sfe_build_node(b, "a", "rpi3");
	sfe_build_attach(b, "a", 100, "hub");
	sfe_build_node(b, "b", "nuc");
	sfe_build_attach(b, "b", 100, "hub");
	if (sfe_build_finish(b, &small, &err) || sfe_topology_generate(&iiot, &t, &err))
		return 1;
	printf("%u %u %s\n", t->n_nodes, small->n_links, sfe_estimate_strategy(0));
	sfe_topology_free(t);
	sfe_topology_free(small);
	return 0;
}
EOF
cc -std=gnu17 "${cflags[@]}" program.c "${libs[@]}" -o in_c
clang -x c++ -std=c++17 "${cflags[@]}" -c program.c -o program.o
cc program.o "${libs[@]}" -o in_cplusplus # it uses nothing of C++'s own library
for program in in_c in_cplusplus; do
	[ "$("./$program")" = "80 2 PureFaaS" ] || fail "$program says $("./$program")"
done
