#!/bin/sh
# A client of Hotwire in shell, with gdbus (of GLib). Values are written and read in GVariant's text format, of which
# JSON's strings are a part: jq quotes what a person gives.
#
#   client_gdbus.sh run PIPELINE           print its objects as they come: JSON, one a line
#   client_gdbus.sh feed PIPELINE          the same, fed with the lines of standard input
#   client_gdbus.sh detach PIPELINE FILE   start one that goes on without us and writes to FILE; prints its number
#   client_gdbus.sh attach ID FILE         follow such a one
#
# Signals go to a connection that stays, and gdbus leaves after each call. So the pipeline is a detached one, writes its
# objects to a file, and that is read as it grows. (`client_busctl.sh run` shows how to do without.)
set -eu

a_day=86400 # seconds that a reply may take
name=org.hotwireshell.Slave1

# slave METHOD [VALUE...]: the values of the reply. What is wrong, gdbus prints.
slave() {
  method=$1
  shift
  gdbus call --session --timeout $a_day --dest $name --object-path /org/hotwireshell/Slave1 \
    --method "$name.$method" "$@"
}

quoted() { printf '%s' "$1" | jq -Rs .; }

# start PIPELINE FILE OPTIONS: its number. `json` makes a line of each object, of whatever class.
start() {
  file=$(realpath "$2" | sed "s/'/'\\\\''/g") # quoted as in a shell
  started=$(slave RunPipelineWithOptions "$(quoted "$1 | json | write '$file'")" "$3") || return
  printf '%s\n' "$started" | tr -cd '0-9\n' # (1,)
}

# follow ID FILE: prints the file up to the end of the pipeline; if that failed, why
follow() {
  shown=0 state=executing
  while [ "$state" = executing ]; do
    pipeline=$(slave GetPipeline "$1") || return
    state=$(printf '%s\n' "$pipeline" | sed "s/.*'state': <'\([a-z]*\)'>.*/\1/")
    # Read after the state: of a pipeline that has ended, this is all.
    size=$(stat -c %s "$2" 2>/dev/null || echo 0)
    [ "$size" -eq $shown ] || tail -c +$((shown + 1)) "$2" | head -c $((size - shown))
    shown=$size
    [ "$state" != executing ] || sleep 0.2
  done
  [ "$state" = complete ] || printf '%s\n' "$pipeline" | sed "s/.*'error': <\(.*\)>.*/\1/" >&2
  [ "$state" = complete ]
}

# run PIPELINE INPUT: with INPUT true it is fed
run() {
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  id=$(start "$1" "$folder/objects" "{'detached': <true>, 'input': <$2>}")
  trap 'trap "" INT; slave CancelPipeline "$id" >&2; exit 130' INT
  [ "$2" = false ] || feed
  follow "$id" "$folder/objects" || status=1
  slave ReleasePipeline "$id" >/dev/null
  exit ${status-0}
}

feed() {
  # The reply comes when the pipeline can take more: that is the back-pressure. It is an error once the pipeline has
  # ended, be it early, as `head 1` does. (Many objects in one call go faster.)
  while IFS= read -r line; do
    slave PutObjects "$id" "[$(quoted "$(quoted "$line")")]" >/dev/null 2>&1 || break
  done
  slave CloseInput "$id" >/dev/null 2>&1 || true
}

case "${1-} $#" in
'run 2') run "$2" false ;;
'feed 2') run "$2" true ;;
'detach 3') start "$2" "$3" "{'detached': <true>}" ;;
'attach 3') follow "$2" "$3" ;;
*) sed -n '2,/^# Signals/{/^# Signals/!s/^# \{0,1\}//p}' "$0" >&2 && exit 2 ;;
esac
