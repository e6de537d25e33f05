# Edits pictures and prints what was done as JSON: sh examples/shell/edit.sh "face with sunglasses" out/ a.png b.png
target="$1" folder="$2" && shift 2 && npx deltaspace edit "$@" --target "$target" --json -o "$folder"
