#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What bash completes: the words before the cursor are set as bash would set them, and the function is called.
set -u
n=0
failed=0
# shellcheck disable=SC2317 # the completion calls it; bash has its own only while it completes
compopt() { :; }
# shellcheck source=/dev/null
. "$VIRTXL_SOURCE/tools/completion/virtxl"
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cd "$folder" || exit 1
touch guest.cfg guest.xml

# wanted WORDS... -- REPLY... : completing the last of WORDS offers every REPLY, and with "only" before them nothing else
wanted() {
    local words=() only=0 missing=''
    while [ "$1" != -- ]; do words+=("$1") && shift; done
    shift
    [ "$1" = only ] && only=1 && shift
    COMP_WORDS=(virtxl "${words[@]}")
    COMP_CWORD=${#words[@]}
    _virtxl "$VIRTXL" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    for reply; do
        [[ " ${COMPREPLY[*]} " == *" $reply "* ]] || missing+=" $reply"
    done
    [ $only = 0 ] || [ ${#COMPREPLY[@]} = $# ] || missing+=" nothing-else"
    n=$((n + 1))
    if [ -z "$missing" ]; then
        echo "ok $n - virtxl ${words[*]}"
    else
        echo "not ok $n - virtxl ${words[*]}"
        echo "#   not there:$missing; there: ${COMPREPLY[*]}"
        failed=1
    fi
}

wanted '' -- from-xl to-xl to-json from-json check options
wanted from-x -- only from-xl
wanted from-xl -- only from-xl
wanted from-xl '' -- guest.cfg guest.xml
wanted from-xl guest.c -- only guest.cfg
wanted from-xl --out -- only --output= --output-dir=
wanted to-xl --v -- --virtio-channels= --version
wanted to-xl --virtio-channels = -- only map refuse
wanted to-xl --virtio-channels = re -- only refuse
wanted check --color = -- only auto always never
wanted check --st -- only --strict
wanted options chan -- only channel
wanted options --st -- only --strict
wanted channel '' -- only list connect serve
wanted channel --on -- only --once --on-request
wanted nonsense -- only
echo "1..$n"
exit $failed
