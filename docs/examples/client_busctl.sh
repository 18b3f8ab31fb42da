#!/bin/sh
# A client of Hotwire in shell, with busctl (of systemd) and jq.
#
#   client_busctl.sh run PIPELINE           print its objects, at its end: JSON, one a line
#   client_busctl.sh feed PIPELINE          fed with the lines of standard input; prints them as they come
#   client_busctl.sh detach PIPELINE FILE   start one that goes on without us and writes to FILE; prints its number
#   client_busctl.sh attach ID FILE         follow such a one
#
# Signals go to a connection that stays, and busctl leaves after each call. So `run` gets all objects in one answer, and
# the others let the pipeline write them to a file and read that as it grows.
set -eu

a_day=86400 # seconds that a reply may take
name=org.hotwireshell.Slave1

# slave METHOD [SIGNATURE VALUE...]: the values of the reply, a JSON array. What is wrong, busctl prints.
slave() {
  reply=$(busctl --user --json=short --timeout=$a_day call -- $name /org/hotwireshell/Slave1 $name "$@") || return
  [ -z "$reply" ] || printf '%s\n' "$reply" | jq -c .data
}

# start PIPELINE FILE OPTION...: its number. `json` makes a line of each object, of whatever class.
start() {
  file=$(realpath "$2" | sed "s/'/'\\\\''/g") # quoted as in a shell
  text="$1 | json | write '$file'"
  shift 2
  started=$(slave RunPipelineWithOptions 'sa{sv}' "$text" "$@") || return
  printf '%s\n' "$started" | jq '.[0]'
}

# follow ID FILE: prints the file up to the end of the pipeline; if that failed, why
follow() {
  shown=0 state=executing
  while [ "$state" = executing ]; do
    pipeline=$(slave GetPipeline i "$1") || return
    state=$(printf '%s\n' "$pipeline" | jq -r '.[0].state.data')
    # Read after the state: of a pipeline that has ended, this is all.
    size=$(stat -c %s "$2" 2>/dev/null || echo 0)
    [ "$size" -eq $shown ] || tail -c +$((shown + 1)) "$2" | head -c $((size - shown))
    shown=$size
    [ "$state" != executing ] || sleep 0.2
  done
  [ "$state" = complete ] || printf '%s\n' "$pipeline" | jq -r '.[0].error.data | fromjson? | .message' >&2
  [ "$state" = complete ]
}

feed() {
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  id=$(start "$1" "$folder/objects" 2 detached b true input b true)
  trap 'trap "" INT; slave CancelPipeline i "$id"; exit 130' INT
  # The reply comes when the pipeline can take more: that is the back-pressure. It is an error once the pipeline has
  # ended, be it early, as `head 1` does. (Many objects in one call go faster.)
  while IFS= read -r line; do
    slave PutObjects ias "$id" 1 "$(printf '%s' "$line" | jq -Rs .)" 2>/dev/null || break
  done
  slave CloseInput i "$id" 2>/dev/null || true
  follow "$id" "$folder/objects" || status=1
  slave ReleasePipeline i "$id"
  exit ${status-0}
}

case "${1-} $#" in
'run 2')
  trap 'exit 130' INT # busctl leaves the bus: a pipeline whose caller leaves is cancelled
  batches=$(slave Evaluate 'sa{sv}' "$2" 0)
  printf '%s\n' "$batches" | jq -r '.[0][][1][]'
  ;;
'feed 2') feed "$2" ;;
'detach 3') start "$2" "$3" 1 detached b true ;;
'attach 3') follow "$2" "$3" ;;
*) sed -n '2,/^# Signals/{/^# Signals/!s/^# \{0,1\}//p}' "$0" >&2 && exit 2 ;;
esac
