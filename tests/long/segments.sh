#!/usr/bin/env bash
# tests/vm/segments.sh with all of its seeds: 200 captures.
ALL_SEGMENTS=yes exec bash "$(dirname "$0")/../vm/segments.sh"
