#!/bin/sh
# Installs what the tests need of a machine and a bare one lacks: an SSH server and client, tmux, and for the plans of PFA
# Vanguard PostgreSQL, git, Node with npm, and curl. (pm2 and the aws command come from lock files, by the tests themselves.)
# Does nothing where they are there; where they cannot be installed it says so, and those tests fail with a sentence.
set -u
PATH="$PATH:/usr/sbin:/usr/lib/postgresql/$(ls /usr/lib/postgresql 2>/dev/null | sort -n | tail -n 1)/bin"
missing=""
need() { # PROGRAM PACKAGE
  command -v "$1" >/dev/null || missing="$missing $2"
}
need sshd openssh-server
need ssh openssh-client
need tmux tmux
need initdb postgresql
need git git
need node nodejs
need npm npm
need curl curl
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need$missing: please install. (Only root with apt-get can do it from here.)" >&2
  exit 0
fi
echo "Installing for the tests:$missing ..."
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# shellcheck disable=SC2086 # one word per package
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
  echo "Could not install$missing; the tests that need it will fail:" >&2
  tail -n 3 "$log" >&2
fi
rm -f "$log"
