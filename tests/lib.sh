# Shared by the test scripts. Sourced; needs SFEMU, BUILD, SOURCE and TEST_TMP from tests/run.sh, or finds them.
set -euo pipefail
umask 022 # other users read what a test makes

SOURCE=${SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
BUILD=${BUILD:-$SOURCE/build}
SFEMU=${SFEMU:-$BUILD/sfemu}
# What a test does at its end, however it ends, goes into $ending: a trap of its own would leave its folder behind.
ending=
if [ -z "${TEST_TMP:-}" ]; then
	TEST_TMP=$(mktemp -d)
	trap 'eval "$ending" || true; rm -rf "$TEST_TMP"' EXIT
else
	trap 'eval "$ending" || true' EXIT
fi

# For scenarios: an rpi4_0 and a server_0 on access links of their own (link_rpi4_0, link_server_0), and a cable between.
two_nodes='topology: {compose: {cells: [{node: rpi4, to: sw1}, {node: server, to: sw2}], backbone: [[sw1, sw2]]}}'

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

skip() {
	echo "SKIPPED: $*"
	exit 77
}

need_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
}

need() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null || fail "$tool is missing: tools/bootstrap.sh --tests installs it"
	done
}

# The results folder that the output in a file names.
results_of() {
	sed -n 's/^results: //p' "$1" | tail -n 1
}

# Starts the test again in namespaces of its own: processes, network (and with it abstract sockets), mounts, and empty
# folders where anybody may write. What a snapshot sees is then what the test has made, whatever else runs on the machine.
# To be called before anything else, with the test's arguments.
alone() {
	local status=0 own=(--mount --net --pid --fork --kill-child --mount-proc)
	case ${TEST_ALONE:-} in
	"$$") return ;;
	mounts)
		own_folders
		ip link set lo up
		# Whoever is not root has the rights of these namespaces only until here.
		TEST_ALONE=$$ exec setpriv --ambient-caps=-all --inh-caps=-all bash "$0" "$@"
		;;
	esac
	[ "$(id -u)" -eq 0 ] || own+=(--user --map-current-user --keep-caps)
	unshare "${own[@]}" true 2>"$TEST_TMP/unshare" || skip "no namespaces for the test itself: $(cat "$TEST_TMP/unshare")"
	# All of it ends with this shell, even if that is killed.
	export SOURCE BUILD SFEMU TEST_TMP
	TEST_ALONE=mounts setpriv --pdeathsig KILL unshare "${own[@]}" bash "$0" "$@" || status=$?
	exit $status
}

# Empty ones in place of those that others write to, but for the paths in them that the test needs.
own_folders() {
	# The program finds its tools beside the folder that it is in.
	local path real fd needed=("$(dirname "$(dirname "$(realpath "$SFEMU")")")" "$SOURCE" "$BUILD" "$(dirname "$SFEMU")" "$TEST_TMP") fds=() kept=()
	[ -z "${SFEMU_GUEST_KERNEL:-}" ] || needed+=("$(dirname "$SFEMU_GUEST_KERNEL")")
	for path in "${needed[@]}"; do
		real=$(realpath "$path")
		case $real in
		/tmp/* | /var/tmp/* | /dev/shm/* | /run/*)
			exec {fd}<"$real"
			fds+=("$fd")
			kept+=("$real")
			;;
		esac
	done
	# The mounts of namespaces that others have named: they would go from here too when those are removed.
	awk '$5 ~ "^/run/" && / - nsfs / { print $5 }' /proc/self/mountinfo | while read -r path; do
		umount --lazy "$path" 2>/dev/null || true
	done
	for path in /tmp /var/tmp /dev/shm /run; do
		mount -t tmpfs -o mode=1777 tmpfs "$path"
	done
	for path in "${kept[@]}"; do
		fd=${fds[0]}
		fds=("${fds[@]:1}")
		mkdir -p "$path"
		mount --bind --no-canonicalize "/proc/$$/fd/$fd" "$path" # what the descriptor is, not what its name is by now
		exec {fd}<&-
	done
	for path in "${needed[@]}"; do
		[ -e "$path" ] || fail "$path is reached through a link in a folder that the test replaces"
	done
}

# The scenarios where every user can read them, in $scenarios: a clone may be its owner's alone.
readable_scenarios() {
	scenarios=$TEST_TMP/scenarios
	cp -r "$SOURCE/scenarios" "$scenarios"
	chmod -R a+rX "$scenarios"
}

# What must be the same before and after: namespaces, interfaces, processes, mounts, files, sockets. After alone().
snapshot() {
	[ "${TEST_ALONE:-}" = $$ ] || fail "a snapshot without alone() sees what others do"
	echo "namespaces: $(for type in net pid mnt user; do lsns -n -t $type -o NS | wc -l; done | xargs)"
	# Namespaces that are only held open.
	find /proc/[0-9]*/fd -lname '[mnpu][a-z]*:\[*' ! -lname 'pipe:*' -printf 'descriptor: %l\n' 2>/dev/null | sort || true
	ls /sys/class/net | sed 's/^/interface: /'
	# All but this test's own shells and what they call for this. Zombies end when it likes to take them.
	ps -eo pid=,stat=,comm= | awk '$2 !~ /^Z/ && $3 !~ /^(bash|ps|awk|sort|sed)$/ { print "process: " $3 }' | sort
	sed 's/^[0-9]* [0-9]* /mount: /' /proc/self/mountinfo | sort
	{ find /tmp /var/tmp /dev/shm /run "$HOME/.uml" -xdev -maxdepth 1 2>/dev/null || true; } | sort | sed 's/^/file: /'
	grep -o '@sfemu.*' /proc/net/unix | sort -u | sed 's/^/socket: /' || true
}

# Waits until nothing of an experiment is left, at most 15 s: the kernel takes namespaces apart in the background.
expect_clean() { # before-file, what happened
	local i
	for i in $(seq 150); do
		snapshot >"$TEST_TMP/after"
		cmp -s "$1" "$TEST_TMP/after" && return 0
		sleep 0.1
	done
	diff "$1" "$TEST_TMP/after" >&2 || true
	fail "something is left after $2"
}

expect() { # file, words that must be in it
	grep -q -- "$2" "$1" || { cat "$1" >&2; fail "no '$2'"; }
}

# Runs $TEST_TMP/small.yaml into a folder of $TEST_TMP. EXEC=exec: as this process, for what is killed by its id.
sweep() { # folder, more options
	local folder=$1
	shift
	${EXEC:-} "$SFEMU" sweep --output "$TEST_TMP/$folder" "$@" "$TEST_TMP/small.yaml"
}

# Waits until no process is left that this test started, at most 15 s: all of them have TEST_TMP in their environment.
expect_mine_gone() { # what happened
	local i p all mine
	for i in $(seq 150); do
		all=$(grep -lzx "TEST_TMP=$TEST_TMP" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 || true)
		mine=
		for p in $all; do # those that were of this command itself are gone by now
			# $PPID: what started this test may have been given the same environment.
			[ "$p" -ne $$ ] && [ "$p" -ne $PPID ] && [ -d "/proc/$p" ] && mine+=" $p"
		done
		[ -n "$mine" ] || return 0
		sleep 0.1
	done
	ps -fp $mine >&2 || true
	fail "processes are left after $*"
}

# The ids of a process and of all below it.
tree() { # pid
	ps -eo pid=,ppid= | awk -v top="$1" '
		{ parent[$1] = $2 }
		END {
			for (p in parent)
				for (q = p; q in parent; q = parent[q])
					if (q == top) {
						print p
						break
					}
		}' | sort -n
}

# Waits for a process at most so long; status gets what it ended with.
ends_within() { # seconds pid
	local i
	for i in $(seq $(($1 * 10))); do
		kill -0 "$2" 2>/dev/null || break
		sleep 0.1
	done
	if kill -0 "$2" 2>/dev/null; then
		ps -eo pid,ppid,stat,wchan:20,args >&2
		fail "process $2 does not end within $1 s"
	fi
	status=0
	wait "$2" 2>/dev/null || status=$?
}

# Kills command… with SIGKILL after a random part of max_ms, count times; nothing may be left. The seed is fixed.
kill_often() { # count max_ms command…
	local count=$1 max_ms=$2 i ms pid
	shift 2
	RANDOM=20261124
	snapshot >"$TEST_TMP/before"
	for i in $(seq "$count"); do
		ms=$((RANDOM * max_ms / 32768))
		"$@" >"$TEST_TMP/killed.log" 2>&1 &
		pid=$!
		sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		expect_clean "$TEST_TMP/before" "kill $i after $ms ms of: $*"
	done
	echo "$count kills within $max_ms ms left nothing behind"
}

# For tests/native: root, and a kernel that has all that links need. The VM of tests/run.sh has.
need_native() {
	need_root
	"$SFEMU" check >"$TEST_TMP/check" 2>&1 || true
	grep -q '^scenarios run here: natively' "$TEST_TMP/check" ||
		skip "this kernel does not have what links need: $(grep -m 1 -E '^(veth|ifb|u32|netem).* missing' "$TEST_TMP/check" || true)"
}

# Ether's files of a star: node nN with its access link lN at one switch; and the beginning of a scenario of it, NAME.yaml.
star() { # name, count of nodes
	local i
	: >"$TEST_TMP/$1.nodes" >"$TEST_TMP/$1.links" >"$TEST_TMP/$1.edges"
	for i in $(seq 0 $(($2 - 1))); do
		echo "$i;n$i;1073741824;4000;arm32;sbc;rpi3b+" >>"$TEST_TMP/$1.nodes"
		echo "$i;1000;l$i;node" >>"$TEST_TMP/$1.links"
		printf 'n%d l%d\nl%d n%d\nl%d switch\nswitch l%d\n' "$i" "$i" "$i" "$i" "$i" "$i" >>"$TEST_TMP/$1.edges"
	done
	cat >"$TEST_TMP/$1.yaml" <<-YAML
		name: $1
		topology: {nodes: $1.nodes, links: $1.links, edges: $1.edges}
		workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 1, state_factor: 1, arg_factor: 1}
		strategies: [StateLocal]
		results: $TEST_TMP/results
	YAML
}

# Starts a native run that is held, waits until it is, and leaves its id in pid; `release` ends it.
hold() { # scenario, more options of run
	"$SFEMU" run --native --hold "$@" >"$TEST_TMP/held.log" 2>&1 &
	pid=$!
	ending='kill -KILL $pid 2>/dev/null || true'
	for i in $(seq 1800); do
		grep -q 'stays up' "$TEST_TMP/held.log" && return 0
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	cat "$TEST_TMP/held.log" >&2
	fail "the run does not come to its hold"
}

release() {
	"$SFEMU" down --run $pid || fail "down fails"
	wait $pid || { cat "$TEST_TMP/held.log"; fail "a run that was held and ended is not a success"; }
	ending=
}

node() { "$SFEMU" exec --run "$pid" "$@"; }
