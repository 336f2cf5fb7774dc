#!/bin/sh
# Takes the screenshots gtkwave.png, of the run in waves/README.md, and neurons.png, of six digits in the cores of a chip.
# Needs: the project installed for $PYTHON, and Debian's gtkwave, xvfb, x11-utils and imagemagick.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
display=:${DISPLAY_NUMBER:-97}
work=$(mktemp -d)
viewer=
server=
clean_up() {
    [ -z "$viewer" ] || kill "$viewer" 2>/dev/null || true
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

cd "$work"
sed -n '/^```python$/,/^```$/{/^```/!p}' "$here/../../waves/README.md" >run.py
"$python" run.py

Xvfb "$display" -screen 0 1600x1060x24 >xvfb.log 2>&1 &
server=$!
for _ in $(seq 50); do
    DISPLAY=$display xdpyinfo >xdpyinfo.log 2>&1 && break
    sleep 0.2
done

# Opens a save, and writes what is then to be seen.
picture() {
    DISPLAY=$display gtkwave "$1" >gtkwave.log 2>&1 &
    viewer=$!
    # It has drawn everything when two pictures in a row are the same and not of an empty screen.
    before=
    for _ in $(seq 30); do
        sleep 1
        DISPLAY=$display import -window root -strip shot.png
        now=$(convert shot.png -format '%# %k' info:)
        [ "$now" = "$before" ] && [ "${now#* }" -gt 16 ] && break
        before=$now
    done
    [ "${now#* }" -gt 16 ] || { echo "GTKWave drew nothing:" >&2; cat gtkwave.log >&2; exit 1; }
    kill "$viewer"
    viewer=
    convert shot.png -colors 64 -strip -define png:exclude-chunks=date,time "PNG8:$here/$2"
    echo "wrote $here/$2"
}

picture mesh_2x2.gtkw gtkwave.png
"$python" -c "from synaptile.bridge.cli.main import main; main()" demo --mode on-chip --images 6 --out demo >demo.log
cd demo
picture demo.neurons.gtkw neurons.png
