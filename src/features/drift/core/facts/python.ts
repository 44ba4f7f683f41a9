import { text } from '../../../../platform/l10n/l10n';
import type { Fact } from './fact';

/**
 * What an interpreter tells of itself. It runs with -I and -S: nothing that was installed is imported, so that no
 * sitecustomize and no .pth file has a say. The folders are therefore found here. Without double \`'\`: it stands in a shell's quotes.
 */
const program = `
import os, sys
def line(*parts):
    text = chr(9).join([" ".join(str(part).split()) for part in parts])
    getattr(sys.stdout, "buffer", sys.stdout).write((text + chr(10)).encode("utf-8", "replace"))
own, root = sys.argv[1], sys.argv[2]
minor = "python%d.%d" % sys.version_info[:2]
name = own or minor
line("=", name, "%d.%d.%d" % sys.version_info[:3])
if root:
    places = [os.path.join(root, part, minor, "site-packages") for part in ("lib", "lib64")]
else:
    import site
    places = site.getsitepackages()
seen, folders = set(), set()
for place in places:
    if not os.path.isdir(place) or os.path.realpath(place) in folders:
        continue
    folders.add(os.path.realpath(place))
    if not os.access(place, os.R_OK | os.X_OK):
        line("?", "", "denied", place)
        continue
    try:
        from importlib import metadata
        found = list(metadata.distributions(path=[place]))
    except ImportError:
        found = [entry.rsplit(".", 1)[0].split("-")[:2] for entry in sorted(os.listdir(place))
                 if entry.endswith((".dist-info", ".egg-info"))]
    for one in found:
        label, version = "", ""
        try:
            if isinstance(one, list):
                label, version = (one + [""])[:2]
            else:
                label, version = one.metadata["Name"], one.version
        except Exception:
            pass
        if not label or not version:
            folder = os.path.basename(str(getattr(one, "_path", label or "")))
            known = folder.rsplit(".", 1)[0].split("-")[0].lower().replace("_", "-").replace(".", "-")
            # What an interrupted removal left is an empty folder beside the real one.
            if known:
                line("broken", name + " " + known)
            continue
        key = label.lower().replace("_", "-").replace(".", "-")
        if key in seen:
            continue
        seen.add(key)
        line("=", name + " " + key, version)
`.trim();

export const python: Fact = {
  name: 'python',
  description: text('Python interpreters with their packages; =/srv/app/venv for a virtual environment'),
  needs: text('python3'),
  isDefault: true,
  operand: { name: 'FOLDER', isRequired: false },
  // The first of a name on PATH is the one that is used. A package of which only broken metadata is there is not known.
  script: () => `
interpreter() { # FILE NAME ROOT
  "$1" -I -S -c "$program" "$2" "$3" && return
  # That is how pyenv says that the version is not in use.
  [ $? = 127 ] || unseen "\${2:-\${1##*/}}" failed "$1"
}
settle() {
  awk -F "$TAB" 'BEGIN { OFS = FS } $1 == "broken" { broken[$2] = 1; next } { if ($1 == "=") sound[$2] = 1; print }
    END { for (name in broken) if (!(name in sound)) print "?", name, "failed", "metadata" }'
}
program='${program}'
has awk || settle() { while IFS= read -r one; do case $one in broken*) ;; *) printf '%s\\n' "$one";; esac; done; }
if [ -n "$1" ]; then
  for up in "$1" "$1/bin"; do
    [ ! -d "$up" ] || [ -x "$up" ] || { unseen '' denied "$up"; return; }
  done
  for file in "$1/bin/python3" "$1/bin/python"; do
    [ -x "$file" ] || continue
    interpreter "$file" "$1" "$1" | settle
    return
  done
  [ ! -d "$1" ] || unseen '' failed "$1/bin/python3"
  return
fi
known=' '
IFS=:
for folder in $PATH; do
  IFS=$LF
  for file in "$folder"/python3.*; do
    name=\${file##*/}
    case $name in python3.[0-9]|python3.[0-9][0-9]) ;; *) continue;; esac
    [ -f "$file" ] && [ -x "$file" ] || continue
    case $known in *" $name "*) continue;; esac
    known="$known$name "
    interpreter "$file" '' '' | settle
  done
done
has python3 || return
version=$(python3 -I -S -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])') || { unseen python3 failed; return; }
is python3 "$version"
case $known in *" python\${version%.*} "*) ;; *) interpreter "$(command -v python3)" '' '' | settle;; esac`,
};
