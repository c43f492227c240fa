#!/bin/sh
# A trial is watched while it runs: on a terminal as a picture that fits and gives the terminal back however it
# ends, elsewhere as lines; its own run, or one that is at work already.
#
# Presets: release
# Timeout: 120
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

escape=$(printf '\033')

# frames FILE COLUMNS ROWS: every picture in the typescript fits.
frames() {
  tr -d '\r' <"$1" | sed "s/$escape\[[0-9;?]*[A-Zac-z]//g; s/$escape\[[0-9]*b//g" >plain.txt
  [ -s plain.txt ] || fail "$1: nothing was drawn"
  tr -d '\r' <"$1" | awk -v columns="$2" -v rows="$3" -v escape="$escape" '
    BEGIN { RS = escape "\\[H" }
    NR > 1 {
      sub(escape "\\[J.*", "")
      gsub(escape "\\[[0-9;?]*[A-Za-z]", "")
      lines = split($0, line, "\n")
      if (lines > rows) { print "a picture of " lines " lines"; exit 1 }
      for (i = 1; i <= lines; i++)
        if (length(line[i]) > columns) { print "a line of " length(line[i]) ": " line[i]; exit 1 }
    }' || fail "$1: a picture does not fit $2 by $3"
}

# closed FILE: as often as the screen was entered it was left, and left last, with a cursor; what is typed is seen
# again, where FILE.stty says what the terminal was set to afterwards.
closed() {
  entered=$(grep -o "$escape\[?1049h" "$1" | wc -l)
  left=$(grep -o "$escape\[?1049l" "$1" | wc -l)
  if [ "$entered" -lt 1 ] || [ "$entered" -ne "$left" ]; then
    fail "$1: the screen was entered $entered times and left $left times"
  fi
  tr -d '\n' <"$1" | grep -q "$escape\[?25h$escape\[?1049l[^$escape]*\$" || fail "$1: the cursor is not given back"
  [ ! -e "$1.stty" ] || grep -E -q '(^| )echo( |;|$)' "$1.stty" || fail "$1: what is typed is not shown any more"
}

long="idle_frames:frames=80,frame_us=20000,scene_objects=20000"

# Without a terminal: a line each second, the verdict last but one.
expect 0 '^trial [12]: idle_frames, stw with card, 32M' "$TRICOLOR" watch "$long" --quick --heap 32M --out lines
grep -E -q '^[0-9.]+ s: RSS .*, heap total .*, used .*, external 0, metadata .*, limit 32M; [0-9]+ pauses' stdout.txt ||
  fail "no line of figures: $(cat stdout.txt)"
grep -q "$escape" stdout.txt && fail "escape sequences without a terminal"
tail -n 2 stdout.txt | head -n 1 | grep -q '^memory: ' || fail "the verdict is not at the end"
tail -n 1 stdout.txt | grep -q '^results: lines$' || fail "the results are not named"
expect 0 'idle_frames' "$TRICOLOR" show lines

# A run that is over has nothing to draw; what cannot be watched is refused before anything is made.
expect 0 '^memory: ' "$TRICOLOR" watch lines
refuse "there is no workload 'gcbensh'; did you mean 'gcbench'" watch gcbensh
refuse 'there is no directory nowhere/at/all' watch nowhere/at/all
refuse 'already holds a run' watch gcbench --out lines
refuse 'for a run that watch starts' watch lines --quick
expect 2 "there is no parameter 'leaves'" "$TRICOLOR" watch gcbench:leaves=3 --out refused
[ ! -e refused ] || fail "a refused run left a directory"

# A trial that runs out of memory is a result, which the end says.
expect 0 '^  stw on lru_cache, heap 6M: the heap of 6M was exhausted' "$TRICOLOR" watch lru_cache --quick --heap 6M --out exhausted
grep -q '^memory: flat in 0 of 1 configurations; 1 ran out of it:$' stdout.txt || fail "no verdict on a trial that ran out of memory"

# A run that somebody else started is followed, and goes on to its end.
"$TRICOLOR" run --workload idle_frames --param frames=80 --param frame_us=20000 --param scene_objects=20000 \
  --quick --collector stw --heap 32M --out theirs >run.txt 2>&1 &
run=$!
tries=0
until [ -e theirs/trials ] || [ "$tries" -gt 200 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
expect 0 '^[0-9.]+ s: RSS ' "$TRICOLOR" watch theirs
wait "$run" || fail "the run that was watched failed"

if command -v script >/dev/null 2>&1; then
  # watched FILE ROWS COLUMNS: in the background, on a terminal of that size; its process goes into the file pid.
  watched() {
    rm -f pid
    TERM=xterm script -q -e -c "stty rows $2 cols $3
      sh -c 'echo \$\$ >pid; exec \"$TRICOLOR\" watch $long --quick --heap 32M --out $1.run'
      ended=\$?; stty -a >$1.stty; exit \$ended" "$1" >/dev/null 2>&1 </dev/null &
    script=$!
    tries=0
    until grep -q 'RSS ' "$1" 2>/dev/null || [ "$tries" -gt 200 ]; do
      sleep 0.05
      tries=$((tries + 1))
    done
  }

  watched whole 24 80
  wait "$script" || fail "watching on a terminal failed"
  frames whole 80 24
  closed whole
  grep -q 'longest pause' whole || fail "no charts on a terminal of 24 by 80"
  tr -d '\r' <whole | grep -q '^results: whole.run$' || fail "the terminal does not say where the results are"

  # A small screen has the figures alone.
  watched small 9 40
  wait "$script" || fail "watching on a small terminal failed"
  frames small 40 9
  closed small
  grep -q 'longest pause$' small && fail "charts on a terminal of 9 by 40"

  # A screen that becomes smaller in the middle: the last picture fits what it is then.
  TERM=xterm script -q -e -c "stty rows 24 cols 80; '$TRICOLOR' watch $long --quick --heap 32M --out resized.run & sleep 1.2
    stty rows 18 cols 50; wait" resized >/dev/null 2>&1 </dev/null
  frames resized 80 24
  closed resized
  awk -v escape="$escape" 'BEGIN { RS = escape "\\[H" } { last = $0 } END { printf "%s%s[H%s", "begin", escape, last }' resized >last
  frames last 50 18

  # Ended by a signal: the terminal is given back, and the run ends too.
  for signal in INT TERM; do
    watched "$signal" 24 80
    kill -s "$signal" "$(cat pid)"
    wait "$script"
    [ $? -eq 130 ] || fail "$signal: another status than 130"
    closed "$signal"
    [ ! -e "$signal.run/manifest.json" ] || json "$signal.run/manifest.json" | grep -q '"status":"interrupted"' ||
      fail "$signal: the run went on"
  done
fi
exit "$failed"
