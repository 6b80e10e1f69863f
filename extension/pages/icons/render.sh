#!/bin/sh
# Renders the toolbar's and the store's pictures from icon.svg. Needs librsvg (rsvg-convert);
# run it after a change of the drawing and commit what it makes.
set -eu
cd "$(dirname "$0")"
render() { # state, size, file
  sed -e 's/ display="none"//' icon.svg |
    awk -v keep="$1" '
      /<g id="(locked|unlocked|needs)"/ { show = index($0, "id=\"" keep "\"") > 0; inside = 1; depth = 0 }
      inside { depth += gsub(/<g[ >]/, "&") - gsub(/<\/g>/, "&"); if (show) print; if (depth == 0) inside = 0; next }
      { print }' |
    rsvg-convert --width "$2" --height "$2" --output "$3"
}
# The toolbar's, which tell the state; the list of extensions shows the locked one.
for size in 16 32; do
  for state in locked unlocked needs; do
    render "$state" "$size" "$state-$size.png"
  done
done
for size in 48 128; do
  render locked "$size" "icon-$size.png"
done
