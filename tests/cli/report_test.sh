#!/bin/sh
# The page of a quick run: whole, in one file, small, with links to the run's files; and what cannot be
# made a page of.
#
# Presets: release
# Timeout: 60
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

[ -d "$TRICOLOR_SOURCE/report/node_modules/vega" ] || {
  echo "report/node_modules is not there; ./tricolor test fetches it"
  exit 1
}
expect 0 'platform floor' "$TRICOLOR" run --quick --workload gcbench --collector stw,concurrent --out run
expect 0 '^run/report.html$' "$TRICOLOR" report run
page=run/report.html
[ -s "$page" ] || fail "no page"
[ "$(wc -c <"$page")" -lt 10000000 ] || fail "the page has 10 MB or more"
[ "$(tail -c 8 "$page")" = '</html>' ] || fail "the page has no end"
! grep -q '<!-- insert' "$page" || fail "something was not inserted"
! grep -E -q '^ *<(script|link|img)[^>]* (src|href)=' "$page" || fail "the page asks for another file"
grep -q '"findings":\[{"kind":"comparison","text":"concurrent against stw' "$page" || fail "no finding"
grep -q '"links":""' "$page" || fail "links beside the page should be bare names"

mkdir elsewhere
expect 0 '^elsewhere/page.html$' "$TRICOLOR" report run --out elsewhere/page.html
grep -q "\"links\":\"$(pwd -P)/run/\"" elsewhere/page.html || fail "links from elsewhere should lead to the run"

refuse 'no run' report elsewhere
refuse 'DIR' report
expect 3 'no/such/directory' "$TRICOLOR" report run --out no/such/directory/page.html
[ -z "$(find . -name '*.tmp')" ] || fail "leftovers"

# A damaged trial is named on the page, and the others make one.
head -c 100 run/trials/0001.json >half && mv half run/trials/0001.json
expect 0 '^run/report.html$' "$TRICOLOR" report run
grep -q '"left_out":\[{"trial":1,' "$page" || fail "the damaged trial is not named"
exit "$failed"
