#!/usr/bin/env bash
# Scenario, results, program, sweep and scripts in folders that a guest covers with its own, or that are reached through a
# process's folder (issue 13, ../shared/cases/devshm): a run as in any folder, or a refusal that names it.
. "$(dirname "$0")/../lib.sh"
alone "$@"

write() { # folder: a scenario, a sweep and a script there
	mkdir -p "$1"
	cp "$SOURCE/scenarios/workloads/quickstart.csv" "$1/tasks.csv"
	cat >"$1/s.yaml" <<-'YAML'
		topology: {generate: iiot, premises: 1}
		workload: {tasks: tasks.csv, jobs: 2}
		strategies: [StateLocal]
	YAML
	printf 'base: s.yaml\nseeds: [1]\n' >"$1/sweep.yaml"
	printf '#!/bin/sh\necho said by $0\n' >"$1/say.sh"
	chmod +x "$1/say.sh"
}
run() { # options…: into the file out
	"$SFEMU" run --quiet "$@" >out 2>err || { cat err; fail "it fails: run $*"; }
	expect out '^results: '
}
write "$TEST_TMP/reference"
cd "$TEST_TMP/reference"
run --into results s.yaml
reference=$PWD/results
n=0

mkdir -p /mnt && mount -t tmpfs tmpfs /mnt || skip "no tmpfs can be mounted"
for folder in /dev/shm/t /run/t /tmp/t /var/tmp/t /mnt/t; do
	write $folder
	cd $folder
	run s.yaml
	"$SFEMU" diff "$reference" "$(results_of out)" >out || { cat out; fail "other results in $folder"; }
	cp "$SFEMU" own
	SFEMU=$folder/own run --into own-results s.yaml
	"$SFEMU" diff "$reference" own-results >out || { cat out; fail "other results of the program in $folder"; }
	"$SFEMU" sweep --quiet sweep.yaml >out 2>err || { cat err; fail "sweep in $folder"; }
	expect out '1 run, 0 done before, 0 failed'
	for command in "$folder/say.sh" "cat tasks.csv | $folder/say.sh"; do
		status=0
		"$SFEMU" run --quiet --into with-$((++n)) --exec "nuc_0: $command" s.yaml >out 2>err || status=$?
		case $folder:$command in
		/run/*:/run/*)
			[ $status -eq 2 ] || fail "a script in $folder: status $status and not 2"
			expect err "$folder/say.sh: the guest does not have this program: it has /run of its own; copy it"
			[ ! -e with-$n ] || fail "something was built"
			;;
		/run/*) ;; # a script further back in a command is the shell's: its status 127 is told
		*) expect out "^nuc_0: said by $folder/say.sh$" ;;
		esac
	done
done

# Through a process's folder, and through a descriptor.
cd /tmp/t
exec 8<.
for path in /proc/self/cwd "/proc/$$/cwd" /proc/self/fd/8 /dev/fd/8; do
	rm -rf into
	run --into "$path/into" "$path/s.yaml"
	"$SFEMU" diff "$reference" into >out || { cat out; fail "other results through $path"; }
	"$SFEMU" report "$path/into" >/dev/null || fail "report through $path"
	status=0
	"$SFEMU" run --during "nuc_0: $path/say.sh" s.yaml >out 2>err || status=$?
	[ $status -eq 2 ] || fail "a script through $path: status $status and not 2"
	expect err "; write its path /tmp/t/say.sh"
done
