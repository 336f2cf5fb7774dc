#!/bin/sh
# Take a picture of a report page for the documentation.
#
#   docs/images/report.sh out/demo/report.html docs/images/report.png [WIDTHxHEIGHT]
#
# Needs Chromium (Debian: apt-get install chromium; set CHROMIUM if it has another name). The page is shown in light
# colours, without network access, in a throw-away profile. The default size shows the top of the page.
set -eu

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: $0 REPORT.html PICTURE.png [WIDTHxHEIGHT]" >&2
    exit 2
fi
page=$1
picture=$2
size=${3:-1200x1500}
chromium=${CHROMIUM:-chromium}

if [ ! -f "$page" ]; then
    echo "$0: no such file: $page" >&2
    exit 1
fi
case $size in
    *[!0-9x]* | x* | *x | *x*x*) echo "$0: size must be WIDTHxHEIGHT, not $size" >&2; exit 2 ;;
    *x*) ;;
    *) echo "$0: size must be WIDTHxHEIGHT, not $size" >&2; exit 2 ;;
esac

page=$(cd "$(dirname "$page")" && pwd)/$(basename "$page")
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

"$chromium" --headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run \
    --proxy-server=127.0.0.1:9 --hide-scrollbars --force-color-profile=srgb --user-data-dir="$profile" \
    --window-size="${size%x*},${size#*x}" --screenshot="$picture" "file://$page" >"$profile/log" 2>&1 || {
    cat "$profile/log" >&2
    exit 1
}
if [ ! -s "$picture" ]; then
    cat "$profile/log" >&2
    echo "$0: no picture was taken" >&2
    exit 1
fi
echo "$picture"
