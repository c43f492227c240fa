# Sourced: expectations about a command's status and output, for scripts that end with `exit "$failed"`.

failed=0

# fail SENTENCE
fail() {
  printf 'FAILED: %s\n' "$*"
  failed=1
}

# expect STATUS REGEX COMMAND...: the exit status, and a line of stderr or stdout that matches.
expect() {
  wanted=$1
  regex=$2
  shift 2
  "$@" >stdout.txt 2>stderr.txt </dev/null
  got=$?
  if [ "$got" -ne "$wanted" ] || ! cat stderr.txt stdout.txt | grep -E -q -e "$regex"; then
    fail "$* -> status $got (expected $wanted), looking for: $regex"
    sed 's/^/    /' stderr.txt stdout.txt
  fi
}

# refuse REGEX ARGUMENT...: bad input: status 2, one sentence on stderr, nothing on stdout.
refuse() {
  regex=$1
  shift
  expect 2 "^tricolor: .*$regex" "$TRICOLOR" "$@"
  if [ "$(wc -l <stderr.txt)" -ne 1 ] || [ -s stdout.txt ]; then
    fail "$*: more than one sentence"
    sed 's/^/    /' stderr.txt stdout.txt
  fi
}

# json FILE: the file as one line without spaces, for grep.
json() {
  tr -d ' \n' <"$1"
}
