#!/usr/bin/env bash
# Boots the image that tools/vm/build.sh makes, runs a scenario or a command in it, and brings back what it leaves. The image stays as
# it is, and nothing else stays behind, however this ends. No root is needed.
#
#   tools/vm/run.sh [OPTIONS] SCENARIO.yaml [OPTIONS OF sfemu run]
#   tools/vm/run.sh [OPTIONS] -- COMMAND…
#
#   --image FILE          the image (qcow2 or raw); by default sfemu-vm.qcow2
#   --output FOLDER       where results go; by default results
#   --with PATH           bring this file or folder along, into the command's working folder; may be repeated
#   --cpus N              default 2
#   --memory SIZE         default 2G
#   --timeout SECONDS     of the scenario or command: it is ended, and what it has left is brought back; default 3600
#   --boot SECONDS        how much longer the VM may take, to boot and to end; default 600
#   --results-limit SIZE  of what is brought back, default 4G
#   --accel kvm|tcg       default: kvm where this machine has it and this user may use it, else tcg, which is 10 to 30 times slower
#   --firmware FILE       boot by this UEFI firmware (package ovmf) and not by BIOS
#   --network             the VM reaches this machine's network; without it, it has none
#
# A scenario's folder goes along with it (its files are named from there). A command is run by bash, as root, in a folder with what
# --with brought; what it leaves in the folder $OUT is brought back. Output comes as it is printed. The exit status is the command's,
# 124 if it was ended by --timeout, 125 if the VM failed.
set -euo pipefail

say() { echo "vm: $*" >&2; }
die() {
	say "$*"
	exit 125
}
usage() {
	sed -n '/^# *tools\/vm\/run.sh/,/^# A scenario/{/^# A scenario/d;s/^# \{0,1\}//;p}' "$0" >&2
	exit 2
}
whole() { # option value
	[[ $2 =~ ^[1-9][0-9]{0,6}$ ]] || { say "$1: '$2' is no whole number above 0" && exit 2; }
}

image=sfemu-vm.qcow2 output=results with=() cpus=2 memory=2G seconds=3600 boot=600 limit=4G accel= firmware= network=(-nic none)
while [ $# -gt 0 ]; do
	case $1 in
	--network) network=(-nic user,model=virtio-net-pci) ;;
	--)
		break
		;;
	--*)
		[ $# -gt 1 ] || usage
		case $1 in
		--image) image=$2 ;;
		--output) output=$2 ;;
		--with) with+=("$2") ;;
		--cpus) cpus=$2 ;;
		--memory) memory=$2 ;;
		--timeout) seconds=$2 ;;
		--boot) boot=$2 ;;
		--results-limit) limit=$2 ;;
		--accel) accel=$2 ;;
		--firmware) firmware=$2 ;;
		*) usage ;;
		esac
		shift
		;;
	*) break ;;
	esac
	shift
done
[ $# -gt 0 ] || usage
whole --cpus "$cpus"
whole --timeout "$seconds"
whole --boot "$boot"
limit_bytes=$(numfmt --from=iec -- "$limit" 2>/dev/null) || { say "--results-limit: '$limit' is no size, such as 4G" && exit 2; }
numfmt --from=iec -- "$memory" >/dev/null 2>&1 || { say "--memory: '$memory' is no size, such as 2G" && exit 2; }
command -v qemu-system-x86_64 >/dev/null || die "qemu is missing: apt-get install qemu-system-x86"
[ -r "$image" ] || die "there is no image $image: tools/vm/build.sh makes one, --image names one"
for path in ${with[@]+"${with[@]}"}; do
	[ -e "$path" ] || die "--with: there is no $path"
done

# A KVM that cannot run a VM hangs in it: it must have the processor's support.
kvm_works() { [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo; }
case $accel in
'') if kvm_works; then accel=kvm; else accel=tcg; fi ;;
kvm) kvm_works || die "--accel kvm: this machine has no /dev/kvm that this user may write, or a processor without vmx and svm" ;;
tcg) ;;
*) usage ;;
esac
case $accel in
kvm) machine=(-accel kvm -cpu host) ;;
tcg) machine=(-accel "tcg,thread=multi" -cpu max) ;;
esac
[ -z "$firmware" ] || machine+=(-drive "if=pflash,format=raw,readonly=on,file=$firmware")

work=$(mktemp -d)
qemu= watchdog=
end() {
	[ -z "$qemu" ] || { kill -KILL "$qemu" && wait "$qemu"; } 2>/dev/null || true
	[ -z "$watchdog" ] || kill "$watchdog" 2>/dev/null || true
	[ -z "$work" ] || rm -rf "$work"
}
trap end EXIT
trap 'say "interrupted; the VM is gone, and what ran in it"; exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# What goes in: command, seconds, in/.
mkdir "$work/job" "$work/job/in"
echo "$seconds" >"$work/job/seconds"
for path in ${with[@]+"${with[@]}"}; do
	cp -a -- "$path" "$work/job/in/"
done
if [ "$1" = -- ]; then
	shift
	[ $# -gt 0 ] || usage
	printf '%q ' "$@" >"$work/job/command"
else
	scenario=$1
	shift
	[ -f "$scenario" ] || die "there is no scenario $scenario"
	folder=$(cd "$(dirname "$scenario")" && pwd)
	[ "$(du -sm "$folder" | cut -f1)" -le 1024 ] || die "the scenario's folder $folder has more than 1 GB, and would go along: give it one of its own"
	cp -a -- "$folder" "$work/job/in/scenario"
	printf '%q ' exec sfemu run --set results=/job/out "$@" "scenario/$(basename "$scenario")" >"$work/job/command"
fi
# Files without names: whatever ends this script, they are gone with it and with qemu.
tar -C "$work/job" --owner=0 --group=0 -cf "$work/in" .
truncate -s %1M "$work/in"
truncate -s "$((limit_bytes + (2 << 20)))" "$work/out"
truncate -s %1M "$work/out"
# qemu asks for the second disk in both ways.
exec 3<"$work/in" 4<>"$work/out" 6<"$work/out" 5>"$work/console"
rm -rf "$work"
work=
# What it prints, as it comes; qemu's own standard output would want a standard input that never ends.
exec 7> >(exec cat 3<&- 4>&- 5>&- 6<&-)
printer=$!

say "booting $image with ${accel^^}, $cpus CPUs and $memory$([ "$accel" = kvm ] || echo ': a minute or two')"
setpriv --pdeathsig KILL qemu-system-x86_64 "${machine[@]}" -smp "$cpus" -m "$memory" -nodefaults -no-user-config -no-reboot \
	-vga std -display none -monitor none -add-fd fd=3,set=3 -add-fd fd=4,set=4 -add-fd fd=6,set=4 -add-fd fd=5,set=5 -add-fd fd=7,set=7 \
	-drive "file=$image,if=none,id=image,snapshot=on" -device virtio-blk-pci,drive=image,bootindex=0 \
	-drive "file=/dev/fdset/3,format=raw,if=none,id=in,readonly=on" -device virtio-blk-pci,drive=in,serial=sfemu-in \
	-drive "file=/dev/fdset/4,format=raw,if=none,id=out,cache=unsafe" -device virtio-blk-pci,drive=out,serial=sfemu-out \
	-device virtio-serial-pci -chardev file,id=output,append=on,path=/dev/fdset/7 -device virtserialport,chardev=output,name=sfemu.output \
	-chardev file,id=console,path=/dev/fdset/5 -serial chardev:console -device virtio-rng-pci "${network[@]}" </dev/null &
qemu=$!
exec 7>&-
setpriv --pdeathsig KILL sleep $((seconds + boot)) 3<&- 4>&- 5>&- 6<&- &
watchdog=$!
status=0
wait -n -p ended "$qemu" "$watchdog" || status=$?
console() { tail -n 20 /dev/fd/5 | tr -cd '[:print:]\t\n' >&2; }
if [ "$ended" != "$qemu" ]; then
	console
	die "the VM is not done $((seconds + boot)) s after its start; above is the end of its console"
fi
qemu=
wait "$printer" || true

# Nobody knows what ran in there: one number, then files and folders of ours, whatever it says of owners and rights.
said=$(tar -xOf /dev/fd/4 --occurrence=1 status 2>/dev/null) || true
if [ $status -ne 0 ] || ! [[ $said =~ ^[0-9]{1,3}$ ]]; then
	console
	die "the VM ended (qemu: $status) without saying how the command did; above is the end of its console"
fi
tar -tvf /dev/fd/4 >/dev/null 2>&1 || die "what it leaves is more than --results-limit, $limit"
! tar -tvf /dev/fd/4 | grep -v '^[-dlh]' >/dev/null || die "it leaves something that is no file, folder or link: nothing is brought back"
mkdir -p "$output"
tar -xf /dev/fd/4 -C "$output" --strip-components=1 --no-same-owner --no-same-permissions out
find "$output" -type f -perm /6000 -exec chmod ug-s {} +
[ -z "$(ls -A "$output")" ] || say "what it left is in $output"
[ "$said" -ne 124 ] || say "it was ended after $seconds s"
exit "$said"
