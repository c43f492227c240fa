#!/bin/sh
# The barrier a mutator pays for is the barrier that was written: disassembles one reference store per
# barrier, compiled with the flags of this build.
#
# Under every barrier: exactly one plain store of the reference, no indirect call or jump, direct calls only
# to slow halves of the barrier, and not more instructions than a barrier has business with. Under `none`:
# the store and the return. Under `card`: two range filters, the card's test, and one slow half. Under
# `card_unconditional`: two stores, nothing tested, nothing called. Under `object`: one byte tested, one slow
# half. Under `slots`: two range filters, the test of whether anything is to be evacuated, and two slow halves.
set -u

case $(uname -m) in
  x86_64) ;;
  *)
    echo "the expected instructions are x86-64's"
    exit 77
    ;;
esac
probe=$TRICOLOR_SOURCE/tests/structure/barrier_probe.c

# disassemble BARRIER: its instructions, one per line, without addresses; symbols of calls resolved.
disassemble() {
  # shellcheck disable=SC2086 # flags are words
  "$CC" $TRICOLOR_CFLAGS -DGC_BARRIER="$1" -I"$TRICOLOR_SOURCE/include" -I"$TRICOLOR_BUILD/generated" \
    -c "$probe" -o "$1.o" || return 1
  objdump -d -r --no-show-raw-insn "$1.o" | awk '
    /^[0-9a-f]+ </ { inside = ($2 ~ /^<probe_store(\.cold)?>:$/); next }
    inside && /^ *[0-9a-f]+:\tnop|^ *[0-9a-f]+:\t(data16|cs|endbr64|xchg +%ax,%ax)/ { next }
    inside && /: R_X86_64/ { sub(/.*R_X86_64_[A-Z0-9_]+[ \t]+/, "-> "); sub(/[-+]0x[0-9a-f]+.*/, ""); print; next }
    inside && /^ *[0-9a-f]+:/ { sub(/^ *[0-9a-f]+:[ \t]*/, ""); sub(/[ \t]+$/, ""); print }'
}

# instructions_of FUNCTION: of the library, where it is not inlined.
instructions_of() {
  objdump -d --no-show-raw-insn --disassemble="$1" "$TRICOLOR_BUILD/libtricolor.a" |
    awk -v start="<$1>:" 'index($0, start) { inside = 1; next } /^$/ { inside = 0 } inside'
}

# line PATTERN: number of the first line of the barrier's instructions that matches, or 0.
line() {
  awk -v pattern="$1" '$0 ~ pattern { print NR; found = 1; exit } END { if (!found) print 0 }' "$barrier.s"
}

# check_shading HALF before|after: where the test of the flag stands to the store.
check_shading() {
  tests=$(grep -c -E '^cmpb +\$0x0,0x3c\(%r' "$barrier.s")
  [ "$tests" -eq 1 ] || complain "$tests tests of the shading flag, not one"
  slow=$(grep -c "^-> gc_shade_$1_slow" "$barrier.s")
  [ "$slow" -eq 1 ] || complain "$slow calls of the shading half's slow half, not one"
  test_line=$(line '^cmpb +.0x0,0x3c[(]%r')
  store_line=$(line '^mov +%r[a-z0-9]+,(0x8)?[(]%r([^s]|s[^p])')
  case $2 in
    before) [ "$test_line" -lt "$store_line" ] || complain "the flag is tested after the store" ;;
    after) [ "$test_line" -gt "$store_line" ] || complain "the flag is tested before the store" ;;
  esac
}

status=0
complain() {
  echo "$barrier: $1"
  sed 's/^/    /' "$barrier.s"
  status=1
}

# expect_branches COUNT: conditional ones.
expect_branches() {
  branches=$(grep -c -E '^j(a|ae|b|be|e|ne|nb|nae) ' "$barrier.s")
  [ "$branches" -eq "$1" ] || complain "$branches conditional branches, not $1"
}

# expect_slow NAME: one call of that slow half.
expect_slow() {
  calls=$(grep -c "^-> $1\$" "$barrier.s")
  [ "$calls" -eq 1 ] || complain "$calls calls of $1, not one"
}

for barrier in $TRICOLOR_BARRIERS; do
  disassemble "$barrier" >"$barrier.s" || exit 1
  instructions=$(grep -c -v '^-> ' "$barrier.s")
  stores=$(grep -E '^mov +%r[a-z0-9]+,(0x8)?\(%r' "$barrier.s" | grep -c -v '%rsp')
  [ "$instructions" -ge 2 ] || complain "probe_store was not found"
  [ "$stores" -eq 1 ] || complain "the reference is stored $stores times, not once"
  if grep -q -E '^(call|jmp)[a-z]* +\*' "$barrier.s"; then
    complain "an indirect call or jump"
  fi
  if grep -q -E '^lock|^xchg +%[a-z0-9]+,.*\(' "$barrier.s"; then
    complain "a locked instruction"
  fi
  if sed -n 's/^-> //p' "$barrier.s" | grep -v -E '^(gc_(remember|shade|barrier)_[a-z0-9_]*_slow|\.text\.unlikely|probe_store(\.cold)?)$'; then
    complain "it refers to something that is no slow half"
  fi
  case $barrier in
    none)
      [ "$instructions" -eq 2 ] || complain "more than a store and a return"
      ;;
    card)
      [ "$instructions" -le 24 ] || complain "$instructions instructions are more than its filters"
      calls=$(grep -c '^-> gc_remember_card_slow' "$barrier.s")
      [ "$calls" -eq 1 ] || complain "$calls calls of the slow half, not one"
      branches=$(grep -c -E '^j(a|ae|b|be|e|ne|nb|nae) ' "$barrier.s")
      [ "$branches" -eq 3 ] || complain "$branches conditional branches: two ranges and one card make three"
      if grep -q -E '^lock|^xchg +%r.*\(' "$barrier.s"; then
        complain "a locked instruction"
      fi
      ;;
    card_unconditional)
      [ "$instructions" -le 8 ] || complain "$instructions instructions are more than two stores and an address"
      if grep -q -E '^j|^call|^lock' "$barrier.s"; then
        complain "it decides something"
      fi
      cards=$(grep -c -E '^movb +\$0x1,\(%r' "$barrier.s")
      [ "$cards" -eq 1 ] || complain "$cards cards are marked, not one"
      ;;
    object)
      [ "$instructions" -le 12 ] || complain "$instructions instructions are more than a test of one byte"
      expect_branches 1
      expect_slow gc_remember_object_slow
      # The log state is byte 7 of the header of src.
      [ "$(line '^(cmpb +.0x0,|movzbl +)0x7[(]%r')" -ne 0 ] || complain "the log byte is not tested in place"
      ;;
    slots)
      [ "$instructions" -le 24 ] || complain "$instructions instructions are more than its filters"
      expect_branches 3
      expect_slow gc_remember_slots_slow
      expect_slow gc_remember_slots_moved_slow
      ;;
    v8_page_flags)
      [ "$instructions" -le 24 ] || complain "$instructions instructions are more than two flags"
      expect_branches 3
      expect_slow gc_remember_v8_page_flags_slow
      ;;
    *)
      [ "$instructions" -le 64 ] || complain "$instructions instructions"
      ;;
  esac
  echo "$barrier: $instructions instructions"
done

# The flag of a small object is byte 6 of its header.
barrier=retreat
instructions_of gc_shade_retreat_slow >retreat.s
exchange=$(line 'xchg +%[a-z]+,0x6[(]%r')
if [ "$exchange" -eq 0 ]; then
  complain "no exchange of the re-grey flag in the slow half"
fi
if head -n "$exchange" retreat.s | grep -q -E '(cmpb|testb|movzbl|movb|mov +%[a-z]l).*0x6\(%r'; then
  complain "a plain access to the re-grey flag before its exchange"
fi
exit "$status"
