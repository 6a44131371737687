#!/bin/sh
# Installs what the tests of the line need and a bare machine lacks: an SSH server and client, tmux.
# Does nothing where they are there; where they cannot be installed it says so, and those tests fail with a sentence.
set -u
PATH="$PATH:/usr/sbin"
missing=""
command -v sshd >/dev/null || missing="$missing openssh-server"
command -v ssh >/dev/null || missing="$missing openssh-client"
command -v tmux >/dev/null || missing="$missing tmux"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests of the line need$missing: please install. (Only root with apt-get can do it from here.)" >&2
  exit 0
fi
echo "Installing for the tests of the line:$missing ..."
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# shellcheck disable=SC2086 # one word per package
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
  echo "Could not install$missing; the tests of the line will fail:" >&2
  tail -n 3 "$log" >&2
fi
rm -f "$log"
