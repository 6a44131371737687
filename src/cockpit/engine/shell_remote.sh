# Runs programs on this machine so that a lost line neither ends nor forgets them. Sent to `sh -s` by shell_remote.py,
# with one call of a function below at its end. Needs setsid and flock (util-linux), env, tail and base64.
#
# A program has a folder: lock (held by its keeper for as long as that lives), started, stdin, stdout, stderr, late, ended.
# Everything that makes or looks for a folder does it under one lock, so that a program is started once or never.
umask 077
jobs=${XDG_STATE_HOME:-$HOME/.local/state}/cockpit/jobs

say() {
  printf 'cockpit-job %s\n' "$*"
}

refuse() {
  say refused "$*"
  exit 0
}

# The keeper: runs a program to its end or its limit, in a session of its own. $1: folder, $2: limit in seconds.
# shellcheck disable=SC2016 # it is expanded where it runs
keeper='
job=$1 limit=$2
shift 2
trap "" HUP
echo $$ >"$job/started"
setsid "$@" <"$job/stdin" >"$job/stdout" 2>"$job/stderr" 9>&- &
program=$!
setsid sh -c "sleep \"\$1\" && : >\"\$2/late\" && kill -TERM \"-\$3\" && sleep 5 && kill -KILL \"-\$3\"" \
  watch "$limit" "$job" "$program" >/dev/null 2>&1 </dev/null 9>&- &
watch=$!
wait "$program"
echo $? >"$job/ended.new"
mv "$job/ended.new" "$job/ended"
kill -TERM "-$watch" 2>/dev/null
'

# Take the one lock, if there is anything to look for.
enter() {
  [ -d "$jobs" ] || return 1
  exec 8>"$jobs/lock"
  flock 8
}

# start NAME LIMIT FOLDER STDIN [NAME=VALUE ...] PROGRAM [ARGUMENT ...]
start() {
  job=$jobs/$1 limit=$2 folder=$3 given=$4
  shift 4
  for tool in setsid flock base64; do
    command -v "$tool" >/dev/null || refuse "this host has no $tool"
  done
  mkdir -p "$jobs" || refuse "the folder $jobs cannot be made"
  enter
  if [ -d "$job" ]; then
    say started
    return
  fi
  cd "$folder" 2>/dev/null || refuse "the folder $folder does not exist"
  mkdir "$job" || refuse "the folder $job cannot be made"
  printf '%s' "$given" >"$job/stdin" || refuse "the folder $job cannot be written"
  exec 9>"$job/lock"
  flock 9
  setsid sh -c "$keeper" keeper "$job" "$limit" \
    env -i PATH="$PATH" HOME="$HOME" LANG="${LANG-C.UTF-8}" "$@" </dev/null >/dev/null 2>&1 8>&- &
  exec 9>&-
  say started
}

# look NAME PATIENCE keep|forget: how it stands. To forget: its folder goes once its end has been told.
look() {
  job=$jobs/$1
  enter || { say absent; return; }
  if [ ! -d "$job" ] || [ -e "$job/refused" ]; then
    say absent
    return
  fi
  exec 8>&-
  if flock -w "$2" "$job/lock" true; then
    if [ -e "$job/ended" ]; then
      say ended "$(cat "$job/ended")" "$([ -e "$job/late" ] && echo late)"
    elif [ -e "$job/started" ]; then
      say vanished
    else
      say absent
    fi
  else
    say running
  fi
  for stream in stdout stderr; do
    say "$stream" "$(tail -c "$kept" "$job/$stream" 2>/dev/null | base64 -w 0)"
  done
  if [ "$3" = forget ] && [ -e "$job/ended" ]; then
    rm -rf "${jobs:?}/$1"
  fi
}

# settle NAME: look; a program that was never started cannot be started any more.
settle() {
  mkdir -p "$jobs" || refuse "the folder $jobs cannot be made"
  enter
  if [ ! -d "$jobs/$1" ]; then
    mkdir "$jobs/$1" && : >"$jobs/$1/refused" || refuse "the folder $jobs/$1 cannot be made"
  fi
  look "$1" 0 keep
}

# forget NAME
forget() {
  rm -rf "${jobs:?}/$1"
  say forgotten
}
