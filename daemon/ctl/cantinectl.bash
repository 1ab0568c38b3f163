# SPDX-License-Identifier: GPL-3.0-or-later
#
# TAB after cantinectl, for bash: /usr/share/bash-completion/completions/cantinectl.
# cantinectl itself says what a word could become; this file asks it, and quotes the answers.

_cantinectl()
{
    local word=${COMP_WORDS[COMP_CWORD]} mark='' answer status candidate
    local -a before=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
    local -a candidates
    local i

    # What was typed may be quoted: Ada\ Lovelace, "Ada Love
    case $word in
    \'* | \"*) mark=${word:0:1} word=${word:1} ;;
    esac
    word=${word//\\/}
    for i in "${!before[@]}"; do
        before[i]=${before[i]//[\\\'\"]/}
    done

    answer=$("${COMP_WORDS[0]/#\~/$HOME}" --complete "${before[@]}" "$word" 2>/dev/null)
    status=$?
    COMPREPLY=()
    if ((status == 3)); then
        compopt -o default
        return
    fi
    mapfile -t candidates <<<"$answer"
    for candidate in "${candidates[@]}"; do
        [[ $candidate ]] || continue
        case $mark in
        \') [[ $candidate == *\'* ]] && continue ;;
        \") candidate=${candidate//\\/\\\\} candidate=${candidate//\"/\\\"}
            candidate=${candidate//\$/\\\$} candidate=${candidate//\`/\\\`} ;;
        *) printf -v candidate %q "$candidate" ;;
        esac
        COMPREPLY+=("$candidate")
    done
}
complete -F _cantinectl cantinectl
