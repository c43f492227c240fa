#!/bin/sh
# The page in a browser without a network: every chart is drawn, nothing is said on the console, a filter
# changes what is shown, and charts and their data can be saved.
#
# Presets: release
# Timeout: 240
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

command -v chromium >/dev/null 2>&1 || {
  echo "chromium is not there; ./tricolor test installs it"
  exit 1
}
expect 0 'platform floor' "$TRICOLOR" run --quick --workload gcbench --collector stw,concurrent \
  --heap 64M,96M --out run
expect 0 '^run/report.html$' "$TRICOLOR" report run
expect 0 '^the page works$' node "$TRICOLOR_SOURCE/tests/cli/common/report_page.js" "$PWD/run/report.html"
exit "$failed"
